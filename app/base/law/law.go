// Package law is the data protection law that a house is under: that of public bodies, of the Catholic or of the Protestant
// church. The operator chooses; texts name paragraphs by it: the KDG as of 1 March 2026, the DSG-EKD as of 1 May 2025.
package law

import (
	"nestfunk/app/base/catalogue"
	"nestfunk/app/base/settings"
	"nestfunk/app/base/store"
)

// A Profile is one of them. All but Key is German, for people.
type Profile struct {
	Key   string // of settings.LawProfile
	Name  string
	Law   string // in full
	Short string

	Record    string // of processing activities
	Notice    string // information of those concerned
	Answer    string // in which time the house answers
	Within    string // that time at most: "in einem Monat"
	Access    string // and the rights of those concerned
	Rectify   string
	Erase     string
	Restrict  string
	Port      string
	Object    string
	Withdraw  string // of consent
	Minors    string // consent of those who are not of age
	Alone     int    // age in years from which they decide alone, as Minors has it
	Complain  string
	Security  string // technical and organisational measures
	Processor string // who works for the house
	Assess    string // risks, before it begins
	Report    string // a breach, to the authority
	Tell      string // of a breach, those concerned
	Besides   string // what else a breach asks for; "": nothing
	Authority string // with whom one can complain, where the operator has named nobody

	bases map[catalogue.Key]string
}

// Basis is the law on which something rests.
func (p Profile) Basis(key catalogue.Key) string { return p.bases[key] }

// Profiles are all that there are; the first holds where nobody has chosen.
func Profiles() []Profile { return []Profile{public(), catholic(), protestant()} }

// Of is the profile of the house.
func Of(tx *store.Tx, s *settings.Settings) (Profile, error) {
	key, err := s.Get(tx, settings.LawProfile)
	for _, p := range Profiles() {
		if p.Key == key {
			return p, err
		}
	}
	p := public()
	if err != nil {
		return p, err
	}
	land, err := s.Get(tx, settings.Land)
	return p.In(land), err
}

// In names the authority of a Land in a profile of public bodies; land has the letters of ISO 3166-2:DE.
func (p Profile) In(land string) Profile {
	if name, ok := authorities()[land]; ok && p.Key == "public" {
		p.Authority = name
	}
	return p
}

func public() Profile {
	return Profile{Key: "public", Name: "Öffentlich oder weltlich (DSGVO)", Law: "Datenschutz-Grundverordnung (DSGVO), Sozialgesetzbuch VIII und X", Short: "DSGVO",
		Record: "Art. 30 DSGVO", Notice: "Art. 13 und 14 DSGVO", Answer: "Art. 12 Abs. 3 DSGVO", Within: "in einem Monat", Access: "Art. 15 DSGVO, § 83 SGB X", Rectify: "Art. 16 DSGVO, § 84 SGB X", Erase: "Art. 17 DSGVO, § 84 SGB X",
		Restrict: "Art. 18 DSGVO", Port: "Art. 20 DSGVO", Object: "Art. 21 DSGVO", Withdraw: "Art. 7 Abs. 3 DSGVO", Minors: "Art. 8 DSGVO", Alone: 16, Complain: "Art. 77 DSGVO", Security: "Art. 32 DSGVO",
		Processor: "Art. 28 DSGVO, § 80 SGB X", Assess: "Art. 35 DSGVO", Report: "Art. 33 DSGVO", Tell: "Art. 34 DSGVO",
		Besides: "Sind Sozialdaten betroffen, melden Sie es auch der Rechts- oder Fachaufsicht (§ 83a SGB X).", Authority: "Die Datenschutzaufsicht Ihres Landes",
		bases: map[catalogue.Key]string{
			"task":     "Aufgabe der Kindertagesbetreuung: Art. 6 Abs. 1 Buchst. e DSGVO, §§ 62 bis 64 SGB VIII",
			"consent":  "Einwilligung: Art. 6 Abs. 1 Buchst. a DSGVO",
			"duty":     "Rechtspflicht: Art. 6 Abs. 1 Buchst. c DSGVO",
			"security": "Sicherheit: Art. 6 Abs. 1 Buchst. e, Art. 32 DSGVO",
			"health":   "freiwillige Angabe zur Gesundheit: Art. 9 Abs. 2 Buchst. a DSGVO",
		}}
}

func catholic() Profile {
	return Profile{Key: "catholic", Name: "Katholisch (KDG)", Law: "Gesetz über den Kirchlichen Datenschutz (KDG), Sozialdatenschutz entsprechend § 61 Abs. 3 SGB VIII", Short: "KDG",
		Record: "§ 31 KDG", Notice: "§§ 15 und 16 KDG", Answer: "§ 14 KDG", Within: "in einem Monat", Access: "§ 17 KDG", Rectify: "§ 18 KDG", Erase: "§ 19 KDG", Restrict: "§ 20 KDG", Port: "§ 22 KDG", Object: "§ 23 KDG",
		Withdraw: "§ 8 KDG", Minors: "§ 8 KDG", Alone: 16, Complain: "§ 48 KDG", Security: "§ 26 KDG", Processor: "§ 29 KDG", Assess: "§ 35 KDG", Report: "§ 33 KDG", Tell: "§ 34 KDG", Authority: "Die Diözesandatenschutzaufsicht Ihres (Erz-)Bistums",
		bases: map[catalogue.Key]string{
			"task":     "Aufgabe der Kindertagesbetreuung: § 6 Abs. 1 Buchst. f KDG",
			"consent":  "Einwilligung: § 6 Abs. 1 Buchst. b KDG",
			"duty":     "Rechtspflicht: § 6 Abs. 1 Buchst. d KDG",
			"security": "Sicherheit: § 6 Abs. 1 Buchst. f, § 26 KDG",
			"health":   "freiwillige Angabe zur Gesundheit: § 11 Abs. 2 Buchst. a KDG",
		}}
}

func protestant() Profile {
	return Profile{Key: "protestant", Name: "Evangelisch (DSG-EKD)", Law: "Kirchengesetz über den Datenschutz der Evangelischen Kirche in Deutschland (DSG-EKD), Sozialdatenschutz entsprechend § 61 Abs. 3 SGB VIII",
		Short: "DSG-EKD", Record: "§ 31 DSG-EKD", Notice: "§§ 17 und 18 DSG-EKD", Answer: "§ 16 DSG-EKD", Within: "in drei Monaten", Access: "§ 19 DSG-EKD", Rectify: "§ 20 DSG-EKD", Erase: "§ 21 DSG-EKD", Restrict: "§ 22 DSG-EKD",
		Port: "§ 24 DSG-EKD", Object: "§ 25 DSG-EKD", Withdraw: "§ 11 DSG-EKD", Minors: "§ 12 DSG-EKD", Alone: 14, Complain: "§ 46 DSG-EKD", Security: "§ 27 DSG-EKD", Processor: "§ 30 DSG-EKD",
		Assess: "§ 34 DSG-EKD", Report: "§ 32 DSG-EKD", Tell: "§ 33 DSG-EKD", Besides: "Das Haus rechnet auch hier mit 72 Stunden; gemeldet wird so früh wie möglich.",
		Authority: "Der Beauftragte für den Datenschutz der Evangelischen Kirche in Deutschland, Hannover, oder die Aufsicht Ihrer Landeskirche",
		bases: map[catalogue.Key]string{
			"task":     "Aufgabe der Kindertagesbetreuung: § 6 Nr. 3 DSG-EKD",
			"consent":  "Einwilligung: § 6 Nr. 2 DSG-EKD",
			"duty":     "Rechtspflicht: § 6 Nr. 6 DSG-EKD",
			"security": "Sicherheit: § 6 Nr. 3, § 27 DSG-EKD",
			"health":   "freiwillige Angabe zur Gesundheit: § 13 Abs. 2 Nr. 1 DSG-EKD",
		}}
}

// authorities are those of the Länder for their public bodies.
func authorities() map[string]string {
	return map[string]string{
		"BW": "Der Landesbeauftragte für den Datenschutz und die Informationsfreiheit Baden-Württemberg, Stuttgart",
		"BY": "Der Bayerische Landesbeauftragte für den Datenschutz, München",
		"BE": "Die Berliner Beauftragte für Datenschutz und Informationsfreiheit, Berlin",
		"BB": "Die Landesbeauftragte für den Datenschutz und für das Recht auf Akteneinsicht Brandenburg, Kleinmachnow",
		"HB": "Der Landesbeauftragte für Datenschutz und Informationsfreiheit der Freien Hansestadt Bremen, Bremerhaven",
		"HH": "Der Hamburgische Beauftragte für Datenschutz und Informationsfreiheit, Hamburg",
		"HE": "Der Hessische Beauftragte für Datenschutz und Informationsfreiheit, Wiesbaden",
		"MV": "Der Landesbeauftragte für Datenschutz und Informationsfreiheit Mecklenburg-Vorpommern, Schwerin",
		"NI": "Der Landesbeauftragte für den Datenschutz Niedersachsen, Hannover",
		"NW": "Die Landesbeauftragte für Datenschutz und Informationsfreiheit Nordrhein-Westfalen, Düsseldorf",
		"RP": "Der Landesbeauftragte für den Datenschutz und die Informationsfreiheit Rheinland-Pfalz, Mainz",
		"SL": "Das Unabhängige Datenschutzzentrum Saarland, Saarbrücken",
		"SN": "Die Sächsische Datenschutz- und Transparenzbeauftragte, Dresden",
		"ST": "Der Landesbeauftragte für den Datenschutz Sachsen-Anhalt, Magdeburg",
		"SH": "Unabhängiges Landeszentrum für Datenschutz Schleswig-Holstein (ULD), Kiel",
		"TH": "Der Thüringer Landesbeauftragte für den Datenschutz und die Informationsfreiheit, Erfurt",
	}
}
