package law

import (
	"reflect"
	"strings"
	"testing"

	"nestfunk/app/base/catalogue"
)

// Each profile names everything, and no paragraph of another's law.
func TestProfilesAreWhole(t *testing.T) {
	others := map[string][]string{"public": {"KDG", "EKD"}, "catholic": {"DSGVO", "EKD"}, "protestant": {"DSGVO", "KDG"}}
	for _, p := range Profiles() {
		v := reflect.ValueOf(p)
		for i := range v.NumField() {
			f := v.Type().Field(i)
			if !f.IsExported() {
				continue
			}
			if v.Field(i).IsZero() && f.Name != "Besides" {
				t.Errorf("%s says nothing of %s", p.Key, f.Name)
			}
			for _, o := range others[p.Key] {
				if strings.Contains(v.Field(i).String(), o) {
					t.Errorf("%s: %s names the law of others: %s", p.Key, f.Name, v.Field(i))
				}
			}
		}
		for _, b := range catalogue.Bases() {
			if words := p.Basis(b); !strings.Contains(words, p.Short) {
				t.Errorf("%s: basis %s is %q", p.Key, b, words)
			}
		}
	}
}

func TestAuthorities(t *testing.T) {
	if n := len(authorities()); n != 16 {
		t.Errorf("%d Länder", n)
	}
	if p := public().In("SH"); !strings.Contains(p.Authority, "Schleswig-Holstein") {
		t.Error(p.Authority)
	}
	if p := public().In(""); p.Authority != public().Authority {
		t.Error(p.Authority)
	}
	if p := catholic().In("SH"); p.Authority != catholic().Authority {
		t.Error("a church has its own")
	}
}
