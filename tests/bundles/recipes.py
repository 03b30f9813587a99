"""Commands with which real tools make bundles of a web application.

The commands run in a folder with the application in `app`, and with `$OUT` as the bundle. They need Debian's packages
ant cmake default-jdk git gradle libarchive-tools libarchive-zip-perl libmaven-assembly-plugin-java
libmaven-war-plugin-java maven p7zip-full php-zip zip, and npm's packages adm-zip archiver jszip yazl.
"""

import json

APPLICATION = {
    "META-INF/MANIFEST.MF": "Manifest-Version: 1.0\r\nImplementation-Version: 1.4\r\n\r\n",
    "WEB-INF/web.xml": "<web-app/>\n",
    "index.jsp": "hello\n",
    "css/가게.css": "",
    ".ebextensions/options.config": "option_settings:\n  aws:autoscaling:asg:\n    MinSize: 2\n",
}

BACKSLASHES = "make the archive again with jar or zip"

_ANT = '<project><target name="x"><{task} destfile="$OUT">{content}</{task}></target></project>'
_JAVA = """
import java.io.*; import java.util.zip.*;
class Backslashes {
  public static void main(String[] a) throws Exception {
    try (var out = new ZipOutputStream(new FileOutputStream(a[0]))) {
      for (var name : new String[] {"WEB-INF/web.xml", "index.jsp", ".ebextensions/options.config"}) {
        out.putNextEntry(new ZipEntry(name.replace('/', '\\\\')));
        new FileInputStream("app/" + name).transferTo(out);
      }
    }
  }
}
"""
_POM = """
<project><modelVersion>4.0.0</modelVersion><groupId>g</groupId><artifactId>shop</artifactId><version>1.4</version>
<packaging>war</packaging><build><plugins>
<plugin><artifactId>maven-war-plugin</artifactId><version>3.3.2</version><configuration>
<warSourceDirectory>app</warSourceDirectory></configuration></plugin>
<plugin><artifactId>maven-assembly-plugin</artifactId><version>3.4.2</version><configuration>
<descriptors><descriptor>bundle.xml</descriptor></descriptors></configuration></plugin></plugins></build></project>
"""
_ASSEMBLY = """
<assembly><id>bundle</id><formats><format>zip</format></formats><includeBaseDirectory>false</includeBaseDirectory>
<fileSets><fileSet><directory>app</directory><outputDirectory>/</outputDirectory></fileSet></fileSets></assembly>
"""
_GRADLE = """
apply plugin: 'war'
war { from('app') }
task bundle(type: Zip) { from 'app' }
task twice(type: Zip) { from 'app'; from 'app' }
"""
_LARGER = "yes | head -c 3000 >app/a.txt"
"""7-Zip does not compress small files."""

_MAVEN = "mvn -o -q -B -Dmaven.repo.local=/usr/share/maven-repo org.apache.maven.plugins:maven"


def _file(name: str, content: str) -> str:
    return f"cat >{name} <<'END'\n{content.strip()}\nEND\n"


def _ant(task: str, content: str) -> str:
    return _file("build.xml", _ANT.format(task=task, content=content)) + 'sed -i "s#\\$OUT#$OUT#" build.xml; ant -q x'


def _node(code: str) -> str:
    names = json.dumps(list(APPLICATION))
    return _file("make.js", f"const fs = require('fs'), names = {names};\n{code}") + "node make.js"


def _php() -> str:
    names = ",".join(f"'{name}'" for name in APPLICATION)
    return (
        _file(
            "make.php",
            f"<?php $z = new ZipArchive; $z->open(getenv('OUT'), ZipArchive::CREATE);"
            f"foreach ([{names}] as $n) $z->addFile('app/' . $n, $n); $z->close();",
        )
        + "php make.php"
    )


RECIPES: dict[str, tuple[str, str | None]] = {
    "jar-1.war": ("jar --create --file $OUT --manifest app/META-INF/MANIFEST.MF -C app .", None),
    "jar-stored-1.war": ("cd app && jar cf0M $OUT .", None),
    "jar-dots-1.war": ("cd app && jar cfM $OUT ./WEB-INF ./index.jsp ./.ebextensions", None),
    "jar-1.zip": ("jar cfM $OUT -C app .", None),
    "java-backslashes-1.war": (_file("Backslashes.java", _JAVA) + "java Backslashes.java $OUT", BACKSLASHES),
    "zip-1.war": ("cd app && zip -qr $OUT .", None),
    "zip-stored-1.war": ("cd app && zip -q0r $OUT .", None),
    "zip-without-extra-1.war": ("cd app && zip -qXDr $OUT .", None),
    "zip-bzip2-1.war": ("cd app && zip -qrZ bzip2 $OUT .", None),
    "zip-zip64-1.war": ("cd app && zip -qr -fz $OUT .", None),
    "zip-streamed-1.war": ("cd app && zip -qr - . | cat >$OUT", None),
    "zip-dos-1.war": ("cd app && zip -qkr $OUT .", None),
    "zip-comment-1.war": ("cd app && zip -qr $OUT . && echo build 42 | zip -qz $OUT", None),
    "zip-link-1.war": ("cd app && ln -s index.jsp home.jsp && zip -qyr $OUT .", None),
    "zip-folder-1.zip": ("zip -qr $OUT app", "contains only the folder app"),
    "zip-folder-1.war": ("zip -qr $OUT app", "it is in app"),
    "zip-flat-1.war": ("cd app && zip -qjr $OUT .", "it has no folder WEB-INF"),
    "zip-password-1.war": ("cd app && zip -qrP secret $OUT .", "an encrypted entry"),
    "zip-script-1.war": (
        "(cd app && zip -qr ../x.zip .) && (printf '#!/bin/sh\\n'; cat x.zip) >$OUT",
        "10 bytes before its first entry",
    ),
    "zip-adjusted-script-1.war": (
        "(cd app && zip -qr ../x.zip .) && (printf '#!/bin/sh\\n'; cat x.zip) >$OUT && zip -qA $OUT",
        None,
    ),
    "7z-1.war": ("cd app && 7z a -bd -tzip $OUT . >/dev/null", None),
    "7z-stored-1.war": (f"{_LARGER} && cd app && 7z a -bd -tzip -mm=Copy $OUT . >/dev/null", None),
    "7z-deflate64-1.war": (f"{_LARGER} && cd app && 7z a -bd -tzip -mm=Deflate64 $OUT . >/dev/null", None),
    "7z-bzip2-1.war": (f"{_LARGER} && cd app && 7z a -bd -tzip -mm=BZip2 $OUT . >/dev/null", None),
    "7z-lzma-1.war": (f"{_LARGER} && cd app && 7z a -bd -tzip -mm=LZMA $OUT . >/dev/null", "is compressed by LZMA"),
    "7z-ppmd-1.war": (f"{_LARGER} && cd app && 7z a -bd -tzip -mm=PPMd $OUT . >/dev/null", "is compressed by PPMd"),
    "7z-aes-1.war": ("cd app && 7z a -bd -tzip -mem=AES256 -psecret $OUT . >/dev/null", "an encrypted entry"),
    "7z-own-format-1.war": ("cd app && 7z a -bd -t7z $OUT . >/dev/null", "is not a readable WAR"),
    "bsdtar-1.war": ("cd app && bsdtar --format zip -cf $OUT .", None),
    "bsdtar-1.zip": ("cd app && bsdtar --format zip -cf $OUT .", None),
    "bsdtar-named-1.war": ("cd app && bsdtar --format zip -cf $OUT WEB-INF index.jsp .ebextensions", None),
    "bsdtar-stored-1.war": ("cd app && bsdtar --format zip --options zip:compression=store -cf $OUT .", None),
    "tar-1.war": ("tar -b 1 -cf $OUT -C app .", "is not a readable WAR"),
    "cmake-1.war": ("cd app && cmake -E tar cf $OUT --format=zip .", None),
    "git-archive-1.war": (
        "cd app && git init -q && git add -A && git -c user.name=a -c user.email=a@b commit -qm a "
        "&& git archive --format zip -o $OUT HEAD",
        None,
    ),
    "python-zipfile-1.war": ("cd app && python3 -m zipfile -c $OUT WEB-INF index.jsp .ebextensions", None),
    "python-shutil-1.war": (
        "python3 -c \"import shutil; shutil.make_archive('x', 'zip', 'app')\" && cp x.zip $OUT",
        None,
    ),
    "python-zipapp-1.zip": (
        "touch app/__main__.py && python3 -m zipapp -p /usr/bin/python3 -o $OUT app",
        None,
    ),
    "perl-archive-zip-1.war": (
        'perl -MArchive::Zip -e \'$z = Archive::Zip->new; $z->addTree("app", ""); $z->writeToFileNamed($ENV{OUT})\'',
        None,
    ),
    "php-1.war": (_php(), None),
    "npm-archiver-1.war": (
        _node(
            "const {ZipArchive} = require('archiver'), archiver = require('archiver');\n"
            "const a = ZipArchive ? new ZipArchive() : archiver('zip');\n"
            "a.pipe(fs.createWriteStream(process.env.OUT));\n"
            "names.forEach(name => a.file('app/' + name, {name})); a.finalize();"
        ),
        None,
    ),
    "npm-jszip-1.war": (
        _node(
            "const z = new (require('jszip'))(); names.forEach(n => z.file(n, fs.readFileSync('app/' + n)));\n"
            "z.generateAsync({type: 'nodebuffer'}).then(b => fs.writeFileSync(process.env.OUT, b));"
        ),
        None,
    ),
    "npm-jszip-backslashes-1.zip": (
        _node(
            "const z = new (require('jszip'))(), w = n => n.replace(/\\//g, '\\\\');\n"
            "names.forEach(n => z.file(w(n), fs.readFileSync('app/' + n)));\n"
            "z.generateAsync({type: 'nodebuffer', platform: 'DOS'}).then(b => fs.writeFileSync(process.env.OUT, b));"
        ),
        BACKSLASHES,
    ),
    "npm-adm-zip-1.war": (
        _node("const z = new (require('adm-zip'))(); z.addLocalFolder('app'); z.writeZip(process.env.OUT);"),
        None,
    ),
    "npm-yazl-1.war": (
        _node(
            "const z = new (require('yazl').ZipFile)(); names.forEach(n => z.addFile('app/' + n, n)); z.end();\n"
            "z.outputStream.pipe(fs.createWriteStream(process.env.OUT));"
        ),
        None,
    ),
    "ant-1.war": (_ant("war", '<fileset dir="app"/>'), None),
    "ant-1.zip": (_ant("zip", '<fileset dir="app"/>'), None),
    "maven-1.war": (
        _file("pom.xml", _POM) + f"{_MAVEN}-war-plugin:3.3.2:war && cp target/shop-1.4.war $OUT",
        None,
    ),
    "maven-assembly-1.zip": (
        _file("pom.xml", _POM)
        + _file("bundle.xml", _ASSEMBLY)
        + f"{_MAVEN}-assembly-plugin:3.4.2:single && cp target/*.zip $OUT",
        None,
    ),
    "gradle-1.war": (_file("build.gradle", _GRADLE) + "gradle --offline -q war && cp build/libs/*.war $OUT", None),
    "gradle-1.zip": (
        _file("build.gradle", _GRADLE) + "gradle --offline -q bundle && cp build/distributions/*.zip $OUT",
        None,
    ),
    "gradle-twice-1.zip": (
        _file("build.gradle", _GRADLE) + "gradle --offline -q twice && cp build/distributions/*.zip $OUT",
        None,
    ),
}
"""By the name of the bundle: the command, and a part of the reason with which Wardrop rejects the bundle."""
