//! Services in the words of lay people and of bookkeepers.

use super::hold;

const SERVICES: [(&str, &str); 39] = [
    (
        "Op de kwartaalfactuur GC-2026-Q2-047 staan 9 telepsychiatrie-consulten, waarvan 2 van een huisarts die hier niet meer werkt.",
        "telepsychiatrie",
    ),
    ("Er staan 4 teledermatologie-consulten op de factuur", "teledermatologie"),
    ("De 12 holter-onderzoeken staan dubbel op de factuur", "holter"),
    ("3 cardiologie-consulten te veel berekend", "telecardiologie"),
    ("zes ecg's in plaats van vijf", "ecg"),
    ("twee nefrologieconsulten", "telenefrologie"),
    ("de spirometrieën van mei", "spirometrie"),
    ("de fundusfoto's van mei zijn dubbel berekend", "fundusscreening"),
    ("Gister bin ich veur de foto van de ouge gewaes veur miene sókker", "fundusscreening"),
    ("ze hebben foto's gemaakt van mijn ogen vanwege de suikerziekte", "fundusscreening"),
    ("de jaarlijkse ogencontrole voor mijn diabetes", "fundusscreening"),
    ("'t kassie veur 't hart dat 24 uur mut zitten", "holter"),
    ("kastje op de borst voor het hartritme", "holter"),
    ("een kastje met plakkers voor mijn hart, 48 uur", "holter"),
    ("de band om mijn arm die elk half uur oppompt", "bloeddrukmeting"),
    ("een bloeddrukmeter die ik een etmaal om moest", "bloeddrukmeting"),
    ("ik moest blazen in dat apparaat voor mijn longen", "spirometrie"),
    ("het ploazen veur de longen", "spirometrie"),
    ("foto's van mijn huid, een vlekje op de rug", "teledermatologie"),
    ("de dokter maakte een foto van een moedervlek en stuurde die op", "teledermatologie"),
    ("een plekje op de neus dat de huidarts op afstand bekeek", "teledermatologie"),
    ("het hartfilmpje bij de huisarts", "ecg"),
    ("n hartfilmke", "ecg"),
    ("slaaptest thuis met slangetje in de neus", "slaaponderzoek"),
    ("dat kastje om te slapen, met die vingerclip", "slaaponderzoek"),
    ("een test voor apneu thuis", "slaaponderzoek"),
    ("de oormeting bij de audicien", "gehooronderzoek"),
    ("oogdruk gemeten bij de opticien", "teleoogheelkunde"),
    ("de hormoondokter op afstand", "teleinterne"),
    ("de blaasdokter op afstand", "teleurologie"),
    ("the heart monitor I wore for 24 hours", "holter"),
    ("skin photos", "teledermatologie"),
    ("the blow test for my lungs", "spirometrie"),
    ("a retina photo because of my diabetes", "fundusscreening"),
    ("the sleep test", "slaaponderzoek"),
    ("mijn nota van de psychiater via beeldbellen", "telepsychiatrie"),
    ("factuur voor de darmspecialist", "telemdl"),
    ("rekening voor vrouwenarts consult", "telegynaecologie"),
    ("consult van de KNO arts", "telekno"),
];

#[test]
fn services_are_known_by_what_people_call_them() {
    hold("service_type", &SERVICES);
}
