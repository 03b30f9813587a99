# Small Java virtual machines that start fast: without the optimizing compiler, and with a heap that grows when needed.
CATALINA_OPTS="-Xms32m -Xmx128m -Xss512k -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Duser.language=en $PORT_OPTION"
