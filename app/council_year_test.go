package app

import (
	"fmt"
	"strings"
	"testing"

	"nestfunk/app/apptest"
)

// TestCouncilYear plays a year of a council: election, seven meetings, one too late, a tie, a secret vote, two circular
// resolutions, a bulletin that is answered, provisional time, the next election and the handover. At midnight of the change the
// former chair finds nothing that is not public, and the new one finds all that holds and is to be done.
func TestCouncilYear(t *testing.T) {
	x := newTerm(t)
	const vera, dana, ada, bert, cem = apptest.Chair, apptest.Dana, apptest.Ada, apptest.Bert, apptest.Cem

	// March. The parents stand, the board writes down who was elected.
	for _, p := range []int64{ada, bert, cem} {
		x.post(p, "/gremium/10/kandidatur", "wants", "1")
	}
	x.post(vera, "/gremium/10/regeln", "notice", "7", "quorum", "50", "majority", "simple", "minutes", "14", "objection", "14", "provisional", "3", "substitutes", "1", "circular", "1")
	x.elect(vera, "2026", "2026-03-01", "2026-03-02", "2026-12-31",
		[3]string{"17", "chair"}, [3]string{"8", "secretary"}, [3]string{"6", "delegate"}, [3]string{"11", "delegate"}, [3]string{"7", "substitute", "1"})
	x.reads(ada, "/gremium/10", "Vera Vorsitz", "Dana Beirat", "bis 31. Dezember 2026", "not", "Die Amtszeit 2026 ist zu Ende.")
	x.post(vera, "/wissen/neu", "unit", "10", "access", "staff", "title", secret+" Kassenbuch", "body", "Bei der Sparkasse.")

	// The first meeting. Bert does not come, so that Cem is asked.
	one := x.plan("Märzsitzung", "2026-03-18", "Spielplatz", secret+" Personal")
	file, err := x.Files.Receive(t.Context(), vera, "Bewerbung.txt", strings.NewReader(secret+": die Bewerbung"))
	if err != nil {
		t.Fatal(err)
	}
	x.sql(`UPDATE file SET owner = 'meeting', ref = (SELECT id FROM meeting_item WHERE title = ?) WHERE id = ?`, secret+" Personal", file.ID)
	n := len(x.Post.Sent())
	x.post(vera, one+"/einladen")
	if got := x.invited(n, one); len(got) != 4 || got["cem@example.org"].To != "" || got["fritz@example.org"].To != "" || got["bert@example.org"].Calendar.Method != "REQUEST" {
		t.Errorf("invited: %v", got)
	}
	x.post(ada, one+"/antwort", "answer", "yes")
	n = len(x.Post.Sent())
	x.post(bert, one+"/antwort", "answer", "no", "note", "Nachtdienst")
	if got := x.invited(n, one); len(got) != 1 || got["cem@example.org"].Subject != "Einladung: Märzsitzung" {
		t.Errorf("asked instead of Bert: %v", got)
	}
	x.reads(cem, one, "für Bert Demir")
	x.post(cem, one+"/antwort", "answer", "yes")
	x.reads(fritz, one, "Spielplatz", "not", secret, "Nachtdienst", "Bert", "Cem")
	x.post(dana, "/vorschlaege/neu", "unit", "10", "title", secret+" Vorschlag", "body", "Wer zahlt?")

	x.at(2026, 3, 18, 19)
	f := x.begin(one, dana, ada, cem)
	x.reads(vera, f.path, "Cem Yildiz", "4 von 4")
	x.shut(f.path, fritz, apptest.Hanna, apptest.Olga, apptest.Arno)
	f.call("Spielplatz")
	x.refused(ada, "", f.path+"/punkt", "item", "1", "version", f.version()) // she does not lead
	at := f.move(ada, "open", "Neuer Sand", "Der Träger wird um **neuen Sand** gebeten.")
	x.refused(bert, "", at+"/stimme", "choice", "yes", "back", "/") // is not there
	f.vote(at, say{vera, "yes"}, say{dana, "yes"}, say{ada, "yes"}, say{cem, "no"})
	f.post(vera, f.path+"/aufgabe", "uid", "0195f5a0-0000-7000-8000-000000000011", "title", secret+": Sand bestellen", "owner", fmt.Sprint(ada), "due", "2026-05-29")
	f.post(vera, f.path+"/aufgabe", "uid", "0195f5a0-0000-7000-8000-000000000012", "title", secret+": Kasse prüfen", "owner", fmt.Sprint(vera), "due", "2027-03-01")
	f.call(secret + " Personal")
	f.vote(f.move(vera, "open", secret+" Stelle", secret+": die Stelle wird befürwortet."), say{vera, "yes"}, say{dana, "yes"}, say{ada, "yes"}, say{cem, "yes"})
	f.end()
	x.reads(fritz, "/beschluesse?unit=10", "2026-01", "Neuer Sand", "not", "2026-02", secret)

	// Its minutes: written, sent, one objects, they are corrected.
	x.at(2026, 3, 20, 10)
	first := x.minutes(dana, one, "Spielplatz", "Der Sand ist hart.")
	x.reads(cem, first, "Cem Yildiz", "für Bert Demir", "Entschuldigt: Bert Demir", "die Frist wurde eingehalten", "Ja: 3 · Nein: 1", "Der Sand ist hart.", secret+" Stelle")
	x.shut(first, fritz, apptest.Hanna)
	x.post(bert, first+"/einwand", "item", fmt.Sprint(x.id(`SELECT id FROM meeting_item WHERE title = 'Spielplatz'`)), "body", "Der Sand ist schmutzig, nicht hart.")
	two := x.plan("Aprilsitzung", "2026-04-22", "Zaun")
	x.post(vera, two+"/einladen")
	x.at(2026, 4, 22, 19)
	f = x.begin(two, dana, ada, bert)
	x.reads(vera, two, "Genehmigung: Protokoll vom 18. März 2026", "Sand bestellen", "Kasse prüfen")
	meeting := []string{"meeting", f.id}
	x.refused(vera, "Einwände", first+"/genehmigen", meeting...)
	x.post(vera, first+"/antwort", "objection", "1", "answer", "taken")
	x.write(dana, first, one, "Spielplatz", "Der Sand ist schmutzig.")
	x.post(vera, first+"/versenden", "why", "Der Sand")
	x.post(vera, first+"/genehmigen", meeting...)
	x.reads(fritz, first, "Der Sand ist schmutzig.", "not", "hart", secret)

	// A tie is a no: it gets no number.
	f.call("Zaun")
	f.vote(f.move(bert, "open", "Roter Zaun", "Der Zaun wird rot."), say{vera, "yes"}, say{bert, "yes"}, say{dana, "no"}, say{ada, "no"})
	f.end()
	x.reads(dana, f.path, "Roter Zaun", "abgelehnt", "2 Ja, 2 Nein")
	x.reads(dana, "/beschluesse?unit=10&filter=alle", "2026-02", "not", "Roter Zaun", "2026-03")
	x.at(2026, 4, 24, 10)
	second := x.minutes(dana, two, "Zaun", "Unentschieden.")

	// The third is called too late: it is warned of, confirmed, and stands in the minutes.
	x.at(2026, 5, 2, 10)
	three := x.plan("Maisitzung", "2026-05-06", "Ausflug")
	n = len(x.Post.Sent())
	x.refused(vera, "Die Ladungsfrist ist nicht eingehalten", three+"/einladen")
	if got := x.invited(n, three); len(got) != 0 {
		t.Errorf("invited all the same: %v", got)
	}
	x.post(vera, three+"/einladen", "late", "1")
	if got := x.invited(n, three); len(got) != 4 {
		t.Errorf("invited too late: %v", got)
	}
	x.reads(bert, three, "Die Ladungsfrist ist nicht eingehalten.")
	x.at(2026, 5, 6, 19)
	f = x.begin(three, dana, ada)
	x.post(vera, second+"/genehmigen", "meeting", f.id)
	f.call("Ausflug")
	f.end()
	x.at(2026, 5, 8, 10)
	third := x.minutes(dana, three, "Ausflug", "In den Wald.")
	x.reads(bert, third, "die Frist wurde nicht eingehalten", "Nicht da: Bert Demir")

	// A bulletin to those who agreed. The council learns who they are when they answer.
	x.post(fritz, "/rundbriefe/zustimmung", "unit", "10", "say", "yes")
	letter := x.post(vera, "/rundbriefe/neu", "uid", "0195f5a0-0000-7000-8000-000000000021", "unit", "10", "place", "4", "title", "Neuer Sand", "body", "Er kommt im Juni.")
	n = len(x.Post.Sent())
	x.post(vera, letter+"/senden")
	x.at(2026, 5, 9, 12)
	told := 0
	for _, m := range x.Post.Sent()[n:] {
		if m.Subject == "Rundbrief: Neuer Sand" {
			if told++; m.To != "fritz@example.org" {
				t.Errorf("the bulletin went to %s", m.To)
			}
		}
	}
	if told != 1 {
		t.Errorf("%d mails with the bulletin", told)
	}
	x.reads(vera, letter, "Er kommt im Juni.", "not", "Fritz", "Früher", "fritz@")
	x.post(fritz, letter+"/antwort", "body", secret+": Ich helfe beim Schaufeln.")
	x.Work(t)
	talk := fmt.Sprintf("/gespraech/%d", x.id(`SELECT max(id) FROM message_conversation`))
	x.links(vera, "/nachrichten", talk, true)
	x.reads(vera, talk, "Ich helfe beim Schaufeln.", "Fritz")
	x.shut(talk, apptest.Hanna, apptest.Olga, apptest.Arno, cem)

	// A secret vote.
	x.at(2026, 6, 1, 10)
	four := x.plan("Junisitzung", "2026-06-10", "Sommerfest")
	x.post(vera, four+"/einladen")
	x.at(2026, 6, 10, 19)
	f = x.begin(four, dana, ada, bert)
	x.post(vera, third+"/genehmigen", "meeting", f.id)
	f.call("Sommerfest")
	at = f.move(ada, "secret", "Fest", "Das Fest ist am 4. Juli.")
	codes := map[string]string{}
	for _, s := range []say{{vera, "yes"}, {dana, "yes"}, {ada, "yes"}, {bert, "no"}} {
		codes[f.hidden(at, s)] = s.choice
	}
	x.reads(bert, at, "not", "Ja: ", "Nein: ")
	f.post(vera, at+"/schliessen", "back", "/")
	f.post(ada, fmt.Sprintf("/aufgabe/%d/erledigt", x.id(`SELECT id FROM assignment WHERE title LIKE '%Sand bestellen'`)))
	f.end()
	for code := range codes {
		x.reads(bert, at, code)
	}
	x.reads(bert, "/beschluesse?unit=10", "2026-03", "Fest")
	fourth := x.minutes(dana, four, "Sommerfest", "Mit Punsch.")
	x.reads(bert, fourth, "Ja: 3 · Nein: 1 · Enthaltung: 0 · geheim", "not", "Bert Demir: ", "Ada Demir: ")

	// In summer two circular resolutions: one is carried, one is stopped.
	x.at(2026, 7, 6, 10)
	circular := []string{"unit", "10", "wording", "So soll es sein.", "cause", "Es eilt.", "closes_day", "2026-07-13", "closes_time", "20:00", "public", "1"}
	carried := x.post(vera, "/umlaufbeschluesse/neu", append(circular, "uid", "0195f5a0-0000-7000-8000-000000000031", "title", "Sonnensegel")...)
	stopped := x.post(vera, "/umlaufbeschluesse/neu", append(circular, "uid", "0195f5a0-0000-7000-8000-000000000032", "title", secret+" Parkplatz")...)
	sail := fmt.Sprintf("/abstimmung/%d", x.id(`SELECT id FROM ballot WHERE title = 'Sonnensegel'`))
	for _, p := range []int64{vera, dana, ada} {
		x.post(p, sail+"/stimme", "choice", "yes", "back", "/")
	}
	x.refused(cem, "", sail+"/stimme", "choice", "yes", "back", "/") // a substitute has no vote
	x.post(bert, stopped+"/widerspruch", "objection", "Das geht die Nachbarn an.")
	x.at(2026, 7, 13, 21)
	x.reads(dana, carried, "angenommen", "2026-04")
	x.reads(dana, stopped, "Das geht die Nachbarn an.", "not", "2026-05")

	// The fifth meeting has both on its agenda, and what is done is on it no more.
	x.at(2026, 9, 1, 10)
	five := x.plan("Septembersitzung", "2026-09-16")
	x.post(vera, five+"/einladen")
	x.reads(bert, five, "Bekanntgabe: Umlaufbeschluss „Sonnensegel“", "2026-04", secret+" Parkplatz", "Das geht die Nachbarn an.", "Kasse prüfen", "Protokoll vom 10. Juni 2026", "not", "Sand bestellen", "Protokoll vom 18. März 2026")
	x.at(2026, 9, 16, 19)
	f = x.begin(five, dana, ada, bert)
	x.post(vera, fourth+"/genehmigen", "meeting", f.id)
	f.call("Bekanntgabe: Umlaufbeschluss „Sonnensegel“")
	f.call(secret + " Parkplatz")
	f.vote(f.move(bert, "open", secret+" Plätze", secret+": Es werden weniger."), say{vera, "yes"}, say{dana, "yes"}, say{ada, "no"}, say{bert, "yes"})
	f.end()
	fifth := x.minutes(dana, five, secret+" Parkplatz", secret+": Die Nachbarn waren da.")

	x.at(2026, 11, 1, 10)
	six := x.plan("Novembersitzung", "2026-11-11", "Laternen")
	x.post(vera, six+"/einladen")
	x.at(2026, 11, 11, 19)
	f = x.begin(six, dana, ada, bert)
	x.post(vera, fifth+"/genehmigen", "meeting", f.id)
	f.call("Laternen")
	f.vote(f.move(ada, "open", "Laternen", "Die Laternen ersetzen den Sand."), say{vera, "yes"}, say{dana, "yes"}, say{ada, "abstain"}, say{bert, "yes"})
	f.end()
	x.post(vera, fmt.Sprintf("/beschluss/%d/ende", x.id(`SELECT id FROM resolution WHERE title = 'Neuer Sand'`)), "fate", "replaced", "by", "2026-06")
	sixth := x.minutes(dana, six, "Laternen", "Mit Kerzen.")

	// The term is over and nobody is elected: the board goes on.
	x.at(2026, 12, 31, 23)
	x.reads(ada, "/gremium/10", "not", "Die Amtszeit 2026 ist zu Ende.")
	x.at(2027, 1, 4, 10)
	x.reads(ada, "/gremium/10", "Die Amtszeit 2026 ist zu Ende.", "längstens bis 31. März 2027")
	seven := x.plan("Januarsitzung", "2027-01-13", "Wahl")
	x.post(vera, seven+"/einladen")
	x.at(2027, 1, 13, 19)
	f = x.begin(seven, dana, ada, bert)
	x.post(vera, sixth+"/genehmigen", "meeting", f.id)
	f.call("Wahl")
	f.vote(f.move(dana, "open", "Wahltag", "Gewählt wird am 20. Januar."), say{vera, "yes"}, say{dana, "yes"}, say{ada, "yes"}, say{bert, "yes"})
	f.end()
	seventh := x.minutes(dana, seven, "Wahl", secret+", bis es genehmigt ist.")
	x.shut(seventh, fritz)

	x.post(vera, fmt.Sprintf("/beschluss/%d/gilt", x.id(`SELECT id FROM resolution WHERE title = 'Fest'`)), "until", "2027-01-15", "public", "1")
	x.at(2027, 1, 20, 10)
	eight := x.plan("Februarsitzung", "2027-02-17", secret+" Haushalt")
	x.post(vera, eight+"/bearbeiten", "title", secret+"e Februarsitzung", "day", "2027-02-17", "starts", "19:30", "ends", "21:30")
	x.post(vera, eight+"/einladen")
	x.elect(vera, "2027", "2027-01-20", "2027-02-01", "2027-12-31",
		[3]string{"17", ""}, [3]string{"6", "chair"}, [3]string{"11", "deputy"}, [3]string{"8", "secretary"}, [3]string{"7", "delegate"})
	x.reads(fritz, "/gremium/10", "Beginnt am 1. Februar 2027.", "Die Amtszeit 2026 ist zu Ende.")

	x.handOver(ada)
	x.midnight(ada, inside{talk: talk, eight: eight})
	x.book(ada, fritz, []string{first, second, third, fourth, fifth, sixth})
}
