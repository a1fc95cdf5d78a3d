package settings

import (
	"net/mail"
	"strings"
	"unicode"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/store"
)

// An Operator is who runs the house and answers for it, as the imprint has to say (§ 5 DDG). The zero Operator: nobody has
// said so yet.
type Operator struct {
	Name   string // of the city, the carrier or the association
	Street string
	Place  string // with its postcode
	Person string // who speaks for it
	Mail   string
	Phone  string // may be empty
}

// fields are the names of the settings, as forms have them too, with what they are kept in.
func (o *Operator) fields() map[string]*string {
	return map[string]*string{OperatorName: &o.Name, OperatorStreet: &o.Street, OperatorPlace: &o.Place, OperatorPerson: &o.Person, OperatorMail: &o.Mail, OperatorPhone: &o.Phone}
}

// Field is the name that a setting of the operator has in forms.
func Field(setting string) string { return strings.ReplaceAll(setting, ".", "_") }

// OperatorFields are the names in forms.
func OperatorFields() (names []string) {
	for name := range new(Operator).fields() {
		names = append(names, Field(name))
	}
	return names
}

// ReadOperator takes an operator from a form; what is missing or no address is said in wrong.
func ReadOperator(get func(field string) string, wrong *fault.Form) (o Operator) {
	for name, value := range o.fields() {
		*value = get(Field(name))
		if len([]rune(*value)) > 120 || strings.ContainsFunc(*value, unicode.IsControl) {
			wrong.Add(Field(name), "Bitte geben Sie eine Zeile mit höchstens 120 Zeichen ein.")
		}
	}
	for name, words := range map[string]string{OperatorName: "Bitte geben Sie an, wer das Haus betreibt.", OperatorStreet: "Bitte geben Sie Straße und Hausnummer an.",
		OperatorPlace: "Bitte geben Sie Postleitzahl und Ort an.", OperatorPerson: "Bitte geben Sie an, wer die Stelle vertritt."} {
		if *o.fields()[name] == "" {
			wrong.Add(Field(name), words)
		}
	}
	if a, err := mail.ParseAddress(o.Mail); err != nil || a.Address != o.Mail {
		wrong.Add(Field(OperatorMail), "Bitte geben Sie eine Mailadresse wie kita@beispiel.de ein.")
	}
	return o
}

// Each calls f with each field of a form and its value.
func (o Operator) Each(f func(field, value string)) {
	for name, value := range o.fields() {
		f(Field(name), *value)
	}
}

// Operator is who runs the house.
func (s *Settings) Operator(tx *store.Tx) (o Operator, err error) {
	for name, value := range o.fields() {
		if *value, err = s.Get(tx, name); err != nil {
			return o, err
		}
	}
	return o, nil
}

// Controller is who answers for the data of the house, name and address in lines: as somebody has written it for the record, else
// who runs the house; "": neither is known.
func (s *Settings) Controller(tx *store.Tx) (string, error) {
	written, err := s.Get(tx, LawController)
	if err != nil || written != "" {
		return written, err
	}
	o, err := s.Operator(tx)
	if o.Name == "" {
		return "", err
	}
	return strings.Join([]string{o.Name, o.Street, o.Place, o.Mail}, "\n"), err
}

// SetOperator keeps who runs the house.
func (s *Settings) SetOperator(tx *store.Tx, o Operator) error {
	for name, value := range o.fields() {
		if err := s.Set(tx, name, *value); err != nil {
			return err
		}
	}
	return nil
}
