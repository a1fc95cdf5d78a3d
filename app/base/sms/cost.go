package sms

import (
	"fmt"
	"strconv"

	"nestfunk/app/base/settings"
	"nestfunk/app/base/store"
)

// A Cost is how many SMS something takes, and their price in tenths of a cent.
type Cost struct{ SMS, Price int }

// Estimate is what it costs to send one text to so many persons, at a price per SMS in tenths of a cent. Foreign numbers
// often cost more than the operator has set.
func Estimate(persons int, text string, price int) Cost {
	n := persons * Parts(text)
	return Cost{n, n * price}
}

// Words says it in German: "52 SMS, etwa 3,64 €".
func (c Cost) Words() string {
	if c.Price == 0 {
		return fmt.Sprintf("%d SMS", c.SMS)
	}
	return fmt.Sprintf("%d SMS, etwa %s", c.SMS, Euro(c.Price))
}

// Euro writes tenths of a cent as euros, rounded to the cent: 3640 is "3,64 €".
func Euro(tenths int) string {
	cents := (tenths + 5) / 10
	return fmt.Sprintf("%d,%02d €", cents/100, cents%100)
}

// Price is what one SMS costs, in tenths of a cent, as the operator has set it; 0: not set.
func Price(tx *store.Tx, s *settings.Settings) (int, error) {
	v, err := s.Get(tx, settings.SMSPrice)
	if err != nil || v == "" {
		return 0, err
	}
	return strconv.Atoi(v)
}
