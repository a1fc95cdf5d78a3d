package org

import (
	"strconv"

	"nestfunk/app/base/store"
)

// Facts are what lists of facilities tell about one. Empty strings and -1 mean
// that the source says nothing.
type Facts struct {
	Kind, Street, HouseNo, Postcode, District string
	Lat, Lon                                  string // decimal degrees, as the source writes them
	PlacesTotal, PlacesU3, PlacesUe3          int
	AgeMinMonths, AgeMaxMonths                int
	OpeningHours, BarrierFree, Integrative    string
	Languages, Concept, Website, Phone        string
	Row                                       string // hash of the imported line; "": entered by hand
}

func (f *Facts) fields() []any {
	return []any{&f.Kind, &f.Street, &f.HouseNo, &f.Postcode, &f.District, &f.Lat, &f.Lon,
		&f.PlacesTotal, &f.PlacesU3, &f.PlacesUe3, &f.AgeMinMonths, &f.AgeMaxMonths,
		&f.OpeningHours, &f.BarrierFree, &f.Integrative, &f.Languages, &f.Concept, &f.Website, &f.Phone, &f.Row}
}

// FactsOf returns the facts of a facility; NotFound if none were ever entered.
func FactsOf(tx *store.Tx, unit int64) (Facts, error) {
	return store.One(tx, (*Facts).fields, `
		SELECT kind, street, house_no, postcode, district, coalesce(lat, ''), coalesce(lon, ''),
			coalesce(places_total, -1), coalesce(places_u3, -1), coalesce(places_ue3, -1),
			coalesce(age_min_months, -1), coalesce(age_max_months, -1),
			opening_hours, barrier_free, integrative, languages, concept, website, phone, row
		FROM unit_facility WHERE unit = ?`, unit)
}

// SetFacts writes the facts of a facility. A phone number that the list lacks
// keeps the one that was entered by hand.
func SetFacts(tx *store.Tx, unit int64, f Facts) error {
	_, err := tx.Exec(`
		INSERT INTO unit_facility (unit, kind, street, house_no, postcode, district, lat, lon,
			places_total, places_u3, places_ue3, age_min_months, age_max_months,
			opening_hours, barrier_free, integrative, languages, concept, website, phone, row)
		VALUES (?, ?, ?, ?, ?, ?, CAST(nullif(?, '') AS REAL), CAST(nullif(?, '') AS REAL),
			nullif(?, -1), nullif(?, -1), nullif(?, -1), nullif(?, -1), nullif(?, -1),
			?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (unit) DO UPDATE SET kind = excluded.kind, street = excluded.street, house_no = excluded.house_no,
			postcode = excluded.postcode, district = excluded.district, lat = excluded.lat, lon = excluded.lon,
			places_total = excluded.places_total, places_u3 = excluded.places_u3, places_ue3 = excluded.places_ue3,
			age_min_months = excluded.age_min_months, age_max_months = excluded.age_max_months,
			opening_hours = excluded.opening_hours, barrier_free = excluded.barrier_free, integrative = excluded.integrative,
			languages = excluded.languages, concept = excluded.concept, website = excluded.website,
			phone = CASE WHEN excluded.phone <> '' THEN excluded.phone ELSE phone END, row = excluded.row`,
		unit, f.Kind, f.Street, f.HouseNo, f.Postcode, f.District, f.Lat, f.Lon,
		f.PlacesTotal, f.PlacesU3, f.PlacesUe3, f.AgeMinMonths, f.AgeMaxMonths,
		f.OpeningHours, f.BarrierFree, f.Integrative, f.Languages, f.Concept, f.Website, f.Phone, f.Row)
	return err
}

// SetPhone notes the number of a facility that its families are shown; "" removes it.
func SetPhone(tx *store.Tx, unit int64, phone string) error {
	_, err := tx.Exec(`UPDATE unit_facility SET phone = ? WHERE unit = ?`, phone, unit)
	return err
}

// ReadCount reads a number of places or months as the facts keep it: "" is -1, "not told". It is false for what is no
// number from 0 to most.
func ReadCount(s string, most int) (int, bool) {
	if s == "" {
		return -1, true
	}
	n, err := strconv.Atoi(s)
	return n, err == nil && n >= 0 && n <= most
}
