package paper

import "nestfunk/app/base/store"

// A module is a kind of use with risks of its own.
type module struct {
	Slug, Title string
	Use         string // what happens
	Data        string
	Need        string // why it is necessary, and what was left out
	Risks       []risk
	N           int // how often it is used here; 0: not
}

// A risk is what may happen to children and families, and what the house does against it.
type risk struct{ Risk, Measure string }

// modules are all kinds of use that the house has.
func modules() []module {
	return []module{
		{Slug: "mitteilungen", Title: "Mitteilungen und Schließungen",
			Use:  "Einrichtungen und Träger schreiben Familien und sehen, wer eine dringende Mitteilung bestätigt hat.",
			Data: "Namen von Erwachsenen und Kindern, Gruppe, Mailadressen und Telefonnummern, Zustellung und Bestätigung.",
			Need: "Ohne den Nachweis, wer erreicht ist, ruft die Einrichtung bei einer Schließung alle an. Gelesen wird nur bei Mitteilungen festgehalten, die eine Bestätigung verlangen.",
			Risks: []risk{{"Eine Mitteilung erreicht Menschen, die vom Kind nichts erfahren dürfen (Kontaktverbot, getrennte Eltern).", "Wer nicht informiert werden soll, ist je Kind eingetragen, bekommt nichts und sieht das Kind nicht; Stand beim Senden und bei jeder Stufe neu."},
				{"Auf dem Sperrbildschirm liest jemand mit.", "Benachrichtigungen nennen ohne Freigabe des Betriebs weder Namen noch Gründe."},
				{"Mit Bestätigungen wird das Verhalten von Eltern bewertet.", "Bestätigungen sieht nur, wer für die Einheit zuständig ist; sie gehen mit der Person."}}},
		{Slug: "gespraeche", Title: "Gespräche zwischen Familie und Team",
			Use:  "Familien und Teams schreiben einander zu einem Kind.",
			Data: "Freier Text, auch über Gesundheit und Familie; Dateien; Zeitpunkte.",
			Need: "Ersetzt Zettel und private Messenger. Zwei Sorgeberechtigte haben zwei Gespräche, damit nicht einer liest, was der andere schreibt.",
			Risks: []risk{{"Vertrauliches über ein Kind wird von zu vielen gelesen.", "Es liest, wer im Augenblick für die Einheit zuständig ist; endet die Rolle, endet das Lesen. Der Träger liest nicht mit."},
				{"Altes Wissen haftet einem Kind an.", "Gespräche werden nach dem Kita-Jahr mit Frist gelöscht; zwei Wochen vorher steht es dabei."},
				{"Ein Hinweis auf Kindeswohlgefährdung steht im falschen Kanal.", "Handreichung: solche Hinweise gehören in das Verfahren nach § 8a SGB VIII, nicht in ein Gespräch. [eigene Regel ergänzen]"}}},
		{Slug: "abwesenheit", Title: "Abwesenheiten und Tagesliste",
			Use:  "Eltern entschuldigen Kinder, das Team führt die Anwesenheit und das Abholen.",
			Data: "Anwesenheit je Tag, grober Grund (auch Krankheit), wer abholt.",
			Need: "Aufsichtspflicht und Betreuungsschlüssel. Ein Grund ist freiwillig und grob; Diagnosen werden nicht erfragt.",
			Risks: []risk{{"Aus vielen Krankheitstagen wird ein Bild eines Kindes.", "Gründe werden nach einem Jahr gelöscht, Notizen nach 30 Tagen; Zahlen ohne Namen, kleine werden nicht gezeigt; nichts davon ist in der Suche."},
				{"Jemand holt ein Kind ab, der es nicht darf.", "Wer abholen darf, steht bei der Tagesliste; Korrekturen bleiben sichtbar."},
				{"Ein Tablet der Gruppe geht verloren.", "Geteilte Geräte behalten nichts über die Anmeldung hinaus; Tageslisten ruhen höchstens einen Tag auf einem Gerät."}}},
		{Slug: "fotos", Title: "Fotos und Dateien",
			Use:  "Team und Familien fügen Bilder und Dokumente an.",
			Data: "Bilder von Kindern, Dokumente, wer sie wann eingestellt hat.",
			Need: "Nur angefügt, wo es hingehört; kein Album, keine Gesichtserkennung. Einwilligungen werden je Zweck eingeholt.",
			Risks: []risk{{"Ein Bild verrät Ort oder Zeit.", "Bilder werden neu erzeugt; Ortsangaben und andere verborgene Angaben fehlen danach."},
				{"Ein Kind ist zu sehen, dessen Familie nein gesagt hat.", "Listen je Gruppe zeigen, wer eingewilligt hat; eine Rücknahme gilt sofort. Auf das Bild achten muss weiterhin, wer es einstellt."},
				{"Eine Datei trägt Schadprogramme ein.", "Inhalte werden in einem getrennten Prozess mit engen Grenzen gelesen und nur zum Speichern herausgegeben."}}},
		{Slug: "raeume", Title: "Räume für Familien und Teams",
			Use:  "Menschen einer Einheit tauschen sich in Themen aus; Verantwortliche moderieren.",
			Data: "Beiträge unter Namen, Rückmeldungen, Meldungen und Maßnahmen.",
			Need: "Freiwillig; wer nicht teilnimmt, verpasst keine Mitteilung.",
			Risks: []risk{{"Eltern nennen fremde Kinder beim Namen oder stellen sie bloß.", "Hausregeln vor dem ersten Beitrag, Melden mit einem Tippen, Maßnahmen mit Begründung und Widerspruch."},
				{"Beiträge bleiben für immer.", "Entfernte Beiträge werden gelöscht; mit der Person verliert ein Beitrag den Namen."}}},
		{Slug: "jugend", Title: "Räume für junge Menschen",
			Use:  "Junge Menschen kommen mit einem Code unter einem ausgedachten Namen.",
			Data: "Ausgedachter Name, Beiträge; kein Name, keine Adresse, kein Geburtstag.",
			Need: "Ohne Namen ist die Schwelle niedrig; mehr wird nicht gebraucht.",
			Risks: []risk{{"Eltern erfahren, dass ein junger Mensch Rat sucht (§ 8 Abs. 3 SGB VIII).", "Nichts davon steht auf Seiten der Familie; es gehen keine Mails; Adressen werden dort nicht protokolliert."},
				{"Erwachsene geben sich als Jugendliche aus.", "Codes gibt nur das Team aus, mit Ablauf und Zahl; das Team moderiert und kann entlassen."}}},
		{Slug: "gremien", Title: "Elternbeirat, Sitzungen und Abstimmungen",
			Use:  "Gremien laden ein, führen Protokoll und stimmen ab.",
			Data: "Ämter, Anwesenheit, Wortmeldungen, Anträge, Stimmen bei offenen Abstimmungen.",
			Need: "Arbeit und Nachweis gewählter Gremien. Geheime Stimmen sind von Namen getrennt.",
			Risks: []risk{{"Wie jemand geheim gestimmt hat, wird bekannt.", "Stimmzettel werden blind unterschrieben; in der Urne stehen weder Namen noch Zeiten."},
				{"Öffentliches nennt Kinder oder Familien.", "Öffentlich ist nur, was das Gremium öffentlich beschlossen hat; jeder Punkt lässt sich auf Mitglieder beschränken."}}},
	}
}

// used are the modules with how often they are used here.
func used(tx *store.Tx) ([]module, error) {
	n, err := store.One(tx, func(n *[7]int) []any { return []any{&n[0], &n[1], &n[2], &n[3], &n[4], &n[5], &n[6]} }, `
		SELECT (SELECT count(*) FROM announcement), (SELECT count(*) FROM message_conversation), (SELECT count(*) FROM absence) + (SELECT count(*) FROM absence_deed),
			(SELECT count(*) FROM file), (SELECT count(*) FROM room), (SELECT count(*) FROM youth_alias), (SELECT count(*) FROM meeting)`)
	all := modules()
	for i := range all {
		all[i].N = n[i]
	}
	return all, err
}
