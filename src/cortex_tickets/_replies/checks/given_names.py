"""Given names that are no words: who is called so is somebody, however the name is written and wherever it stands."""

from __future__ import annotations

GIVEN_NAMES = frozenset(
    word
    for words in (
        "aaron adam alan albert alexander alice amanda amy andrea andrew angela ann anna anne anthony arthur",
        "ashley barbara benjamin bob bobby brandon brenda brian bruce bryan carl carlos carol carolyn",
        "catherine charles cheryl christian christina christine christopher cynthia daniel david deborah",
        "debra dennis diana diane donald donna dorothy douglas edward elizabeth emily emma eric erik ethan",
        "eugene evelyn frances gabriel gary george gerald gloria gregory hannah hans harold harry heather",
        "helen henry howard isabella jacob jacqueline james janet jason jeffrey jennifer jeremy jerry jesse",
        "jessica joan joe john johnny jonathan jordan jorge jose joseph joshua joyce juan judith judy julia",
        "julie justin karen katherine kathleen keith kelly kenneth kevin kimberly klaus kyle larry laura",
        "lauren lawrence linda lisa logan louis louise luis madison margaret maria marie marilyn martha mary",
        "matthew megan melissa michael michelle miguel nancy natalie nathan nicholas nicole noah olivia",
        "pamela patricia patrick paul pedro peter philip pierre rachel ralph raymond rebecca richard robert",
        "roger ronald russell ruth ryan samantha samuel sandra sara sarah scott sean sharon shirley sophia",
        "stephanie stephen steven susan teresa theresa thomas timothy tom tyler victoria vincent virginia",
        "walter wayne william willie zachary",
    )
    for word in words.split()
)
"""In lower case."""
PLACE_NAMES = frozenset(
    word
    for words in (
        "africa asia europe australia japan mexico canada france spain italy germany austria switzerland portugal",
        "greece ireland scotland england belgium netherlands denmark norway sweden finland poland russia ukraine",
        "romania hungary brazil argentina chile peru colombia cuba jamaica egypt morocco kenya nigeria india pakistan",
        "thailand vietnam singapore malaysia indonesia philippines korea taiwan israel dubai paris london berlin",
        "madrid tokyo rome",
    )
    for word in words.split()
)
"""Places that are no words either."""
