"""Questions to a person."""

from installation.declarations import declarations_of, template_of
from installation.parameters import choose
from installation.terminal import Terminal, table
from tests import gate

DECLARED = declarations_of(template_of(gate.TEMPLATE.read_text()))
SECRET = "arn:aws:secretsmanager:us-east-1:123456789012:secret:slack-AbCdEf"


class Person:
    """Answers the questions in order, and records them."""

    def __init__(self, *answers: str) -> None:
        self._answers = iter(answers)
        self.questions: list[str] = []
        self.read: list[str] = []

    def ask(self, question: str) -> str:
        self.questions.append(question.partition(" ")[0])
        return next(self._answers)

    def terminal(self) -> Terminal:
        return Terminal(self.ask, self.read.append)


def test_a_first_installation_asks_for_what_matters_and_an_empty_answer_takes_the_default():
    person = Person("shop*", "", "", "ops@example.com", "")
    assert person.terminal().first_values(DECLARED, {}) == {
        "Applications": "shop*",
        "DropBucketName": "",
        "DownstreamAccess": "managed-policy",
        "AlertEmail": "ops@example.com",
        "SlackSecretArn": "",
    }


def test_the_channel_is_asked_for_only_with_a_secret():
    person = Person("", "", "", "", SECRET, "#ops")
    assert person.terminal().first_values(DECLARED, {})["SlackChannel"] == "#ops"


def test_what_was_given_on_the_command_line_is_not_asked_for():
    person = Person("", "", "")
    given = {"Applications": "shop", "AlertEmail": "", "Architecture": "x86_64"}
    answers = person.terminal().first_values(DECLARED, given)
    assert (answers["Applications"], answers["Architecture"]) == ("shop", "x86_64")
    assert person.questions == ["DropBucketName", "DownstreamAccess", "SlackSecretArn"]


def test_a_value_that_is_not_accepted_is_asked_for_again_with_the_reason():
    person = Person("", "", "admin", "operations-role", "", "")
    assert person.terminal().first_values(DECLARED, {})["DownstreamAccess"] == "operations-role"
    assert "DownstreamAccess=admin is not accepted: it must be managed-policy or operations-role." in person.read


def test_changes_that_cannot_be_read_are_asked_for_again():
    person = Person("AlertEmail", "AlertEmail=ops@example.com")
    assert person.terminal().changes() == {"AlertEmail": "ops@example.com"}
    assert person.read == ["'AlertEmail' is not of the form NAME=VALUE."]


def test_the_table_says_which_values_are_no_defaults():
    lines = table(choose(DECLARED, {"AlertEmail": "a@b"}, {"Applications": "shop"})).splitlines()
    words = [line.split() for line in lines]
    assert ["Applications", "shop", "(kept", "from", "the", "stack)"] in words
    assert ["AlertEmail", "a@b", "(given)"] in words
    assert ["DropBucketName", "-"] in words
