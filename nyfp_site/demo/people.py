"""Who asks in the demo: what each types into the form, when, and what becomes of it. All of them are made up."""

from dataclasses import dataclass, field

CALL = {"reach_by": "call", "may_leave_voicemail": "on", "may_say_who_calls": "on"}
DISCREETLY = {"reach_by": "call"}
TEXT = {"reach_by": "text"}
RELAY = {"reach_by": "relay", "speaking_is_hard": "on"}
WRITE = {"reach_by": "email"}


@dataclass(frozen=True)
class Person:
    """One request: how long before today, at which hour of the day, by whom and in which words."""

    days_ago: float
    becomes: str  # a story of stories.py, by its function's name
    name: str
    way: dict
    topic: str = ""
    message: str = ""
    more: dict = field(default_factory=dict)


CHILD = {"for_whom": "child", "contact_name": "Clara Pretend, the mother"}
OTHER = {"for_whom": "other", "contact_name": "Hugo Madeup, her brother"}
IN_SPANISH = {"language": "Spanish", "wants_interpreter": "on"}
IN_ARABIC = {"language": "Arabic", "wants_interpreter": "on"}
IN_ASL = {"language": "American Sign Language (ASL)", "wants_interpreter": "on"}
MORNINGS = {"days": ["1", "3"], "time_of_day": "morning"}
FOR_YEARS, FOR_MONTHS, SINCE_TODAY = {"began": "years"}, {"began": "months"}, {"began": "days"}
LINKS = "https://a.example https://b.example https://c.example"

# fmt: off
PEOPLE = [
    # three weeks ago
    Person(20.9, "seen", "Polly Example", CALL, "synkinesis", "My eye closes when I smile.", FOR_YEARS),
    Person(20.6, "answered", "Theo Sample", WRITE, "bells-palsy", "How long may it take until I can whistle?"),
    Person(20.3, "seen", "Ingrid Invented", CALL, "acoustic-neuroma", "Since my operation.", MORNINGS),
    Person(19.8, "unreached", "Barnaby Nobody", DISCREETLY, "", "Please call in the evening."),
    Person(19.5, "withdrawn", "Olga Imaginova", WRITE, "hemifacial-spasm", "My eyelid twitches all day."),
    Person(18.9, "advertising", "Best Rankings Ltd", WRITE, "", f"We rank on google! {LINKS}"),
    Person(18.6, "elsewhere", "Jasper Fiction", TEXT, "lyme-disease-facial-palsy", "A tick, and now half my face."),
    Person(18.2, "seen", "María Inventada", CALL, "facial-paralysis-from-birth", "", IN_SPANISH | {"began": "birth"}),
    Person(17.9, "answered", "Desmond Dummy", CALL, "", "Do you treat people from New Jersey?"),
    Person(17.4, "duplicate", "Polly Example", CALL, "synkinesis", "I think I wrote already, sorry."),
    Person(16.8, "answered_late", "Wilhelmina Placeholder", DISCREETLY, "ramsay-hunt-syndrome", "My ear hurts, too."),
    Person(16.1, "seen", "Samir Sampleson", RELAY, "long-standing-facial-paralysis", "Twenty years.", FOR_YEARS),
    # two weeks ago
    Person(13.9, "seen", "Noah Pretend", CALL, "facial-paralysis-from-birth", "He is four and loves to laugh.", CHILD),
    Person(13.6, "waiting", "Greta Makebelieve", WRITE, "synkinesis", "I would like to send photographs."),
    Person(13.2, "answered", "Umberto Storybook", TEXT, "hemifacial-spasm", "Is it dangerous?"),
    Person(12.8, "visit_to_come", "Aisha Mockname", CALL, "bells-palsy", "Eight months now.", IN_ARABIC),
    Person(12.5, "unreached", "Percy Phantom", CALL, "", "Call me."),
    Person(11.9, "visit_cancelled", "Chloé Inventée", WRITE, "facial-nerve-injury", "A dog bit me.", FOR_MONTHS),
    Person(11.4, "faxed", "Ottilie Papertrail", CALL, "facial-nerve-tumors", "Referred by her family doctor, by fax."),
    Person(10.9, "late", "Rufus Forgotten", DISCREETLY, "", "Nobody has called yet?"),
    Person(10.2, "elsewhere", "Mei-Lin Notreal", WRITE, "acoustic-neuroma", "Which surgeon do you work with?"),
    Person(9.8, "visit_to_come", "Kofi Charade", CALL, "long-standing-facial-paralysis", "My wedding comes.", MORNINGS),
    Person(9.1, "rescued", "Lotte Linkshare", WRITE, "synkinesis", f"A singer at a casino tells my story: {LINKS}"),
    # last week
    Person(7.9, "seen", "Fergus Fable", CALL, "bells-palsy", "My mouth droops a little still.", FOR_MONTHS),
    Person(7.2, "visit_to_come", "Saoirse Neverborn", CALL, "synkinesis", "My cheek tightens when I eat.", MORNINGS),
    Person(6.8, "late", "Ezra Overlooked", WRITE, "hemifacial-spasm", "I wrote a week ago."),
    Person(6.3, "waiting", "Beatriz Pretendida", TEXT, "", "¿Hablan español?", IN_SPANISH),
    Person(5.9, "other_channel", "Tobias Whisper", CALL, "ramsay-hunt-syndrome", "", {"speaking_is_hard": "on"}),
    Person(5.2, "visit_changed", "Nadia Nonesuch", CALL, "facial-nerve-injury", "A car accident in spring.", OTHER),
    Person(4.9, "wrote_again", "Gideon Quill", WRITE, "synkinesis", "My eye waters when I eat."),
    Person(4.4, "mail_given_up", "Agatha Typo", WRITE, "bells-palsy", "Please write to me."),
    Person(3.9, "in_progress", "Lars Illusion", DISCREETLY, "long-standing-facial-paralysis", "", FOR_YEARS),
    Person(3.3, "suspected", "Crypto Uncle", WRITE, "", f"Cheap backlinks {LINKS}"),
    Person(2.9, "telephoned", "Winifred Dialtone", CALL, "", "Asked by telephone for her first visit.", IN_ASL),
    # the last days
    Person(1.8, "opened", "Isidro Fingido", CALL, "hemifacial-spasm", "It twitches when I am tired.", IN_SPANISH),
    Person(1.3, "new", "Philippa Phony", TEXT, "", "Do you take my insurance?", {"began": "unsure"}),
    Person(0.9, "mail_waits", "Casimir Postpone", WRITE, "synkinesis", "What does a first visit cost?"),
    Person(0.6, "new", "Yuki Unreal", RELAY, "facial-paralysis-from-birth", "She is ten.", CHILD),
    Person(0.4, "suspected", "Casino Nights", WRITE, "", f"Loan offer {LINKS}"),
    Person(0.2, "new", "Hattie Hurry", CALL, "", "Since this morning my mouth hangs down.", SINCE_TODAY),
    Person(0.1, "new", "Benedict Bogus", WRITE, "bells-palsy", "Is taping my eye at night right?"),
]
# fmt: on
