package demo

import (
	"testing"
	"time"

	"nestfunk/app/base/mail"
	"nestfunk/app/base/sms"
)

func TestPostRefusesWhatCannotExist(t *testing.T) {
	p := NewPost(func() time.Time { return time.Time{} })
	if err := p.Send(t.Context(), mail.Message{To: "ada@example"}); !mail.Refused(err) {
		t.Errorf("ada@example: %v, want a refusal", err)
	}
	for range kept + 5 {
		if err := p.Send(t.Context(), mail.Message{To: "ada@example.org", Kind: mail.News}); err != nil {
			t.Fatal(err)
		}
	}
	if err := p.Send(t.Context(), mail.Message{To: "ada@example.org", Kind: mail.SignIn}); err != nil {
		t.Fatal(err)
	}
	if l, refused := p.Sent(); len(l) != kept+1 || refused != 1 {
		t.Errorf("%d kept and %d refused, want %d and 1", len(l), refused, kept+1)
	}
}

func TestPhonesKeepWhatTheyAreGiven(t *testing.T) {
	post := NewPost(func() time.Time { return time.Time{} })
	p := Phones{post}
	for _, to := range []string{"", "0171 2345678", "+49461850"} {
		if err := p.Send(t.Context(), sms.Message{To: to, Text: "x"}); !sms.Refused(err) {
			t.Errorf("%q: %v, want a refusal", to, err)
		}
	}
	if err := p.Send(t.Context(), sms.Message{To: "+491712345678", Text: "Kita zu", Language: "tr"}); err != nil {
		t.Fatal(err)
	}
	if l, refused := post.Sent(); len(l) != 1 || refused != 3 || l[0].Kind != smsKind || l[0].Text != "Kita zu" || l[0].Language != "tr" {
		t.Errorf("%+v, %d refused", l, refused)
	}
}

func TestLinksOfAMail(t *testing.T) {
	for _, c := range []struct {
		text string
		want []word
	}{
		{"", nil},
		{"kein Link", []word{{Text: "kein Link"}}},
		{"da: http://localhost/b/x und", []word{{Text: "da: "}, {Text: "http://localhost/b/x", Link: "http://localhost/b/x"}, {Text: " und"}}},
		{"https://a", []word{{Text: "https://a", Link: "https://a"}}},
		{"httpd läuft", []word{{Text: "httpd"}, {Text: " läuft"}}},
	} {
		got := split(c.text)
		if len(got) != len(c.want) {
			t.Errorf("split(%q) = %v", c.text, got)
			continue
		}
		for i := range got {
			if got[i] != c.want[i] {
				t.Errorf("split(%q)[%d] = %v, want %v", c.text, i, got[i], c.want[i])
			}
		}
	}
}
