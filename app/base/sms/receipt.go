package sms

import (
	"regexp"
	"strings"

	"github.com/linxGnu/gosmpp/data"
	"github.com/linxGnu/gosmpp/pdu"
)

var (
	receiptID   = regexp.MustCompile(`(?i)\bid:\s*([^\s]{1,64})`)
	receiptStat = regexp.MustCompile(`(?i)\bstat:\s*([a-z]{3,10})`)
)

// received reads a deliver_sm: a report or an SMS.
func received(p *pdu.DeliverSM) event {
	raw, _ := p.Message.GetMessageData() // never fails
	if payload, ok := p.OptionalParameters[pdu.TagMessagePayload]; ok && len(raw) == 0 {
		raw = payload.Data
	}
	e := event{number: international(p.SourceAddr.Address())}
	if p.EsmClass&data.SM_SMSC_DLV_RCPT_TYPE == 0 {
		text, err := p.Message.GetMessage()
		if err != nil || text == "" {
			text = string(raw) // the words that are looked for are the same in all alphabets of one octet
		}
		e.text = text
		return e
	}
	e.id, e.state, e.why = parseReceipt(string(raw))
	if f, ok := p.OptionalParameters[pdu.TagReceiptedMessageID]; ok && f.String() != "" {
		e.id = f.String()
	}
	if f, ok := p.OptionalParameters[pdu.TagMessageStateOption]; ok && len(f.Data) == 1 {
		e.state, e.why = smppState(f.Data[0])
	}
	if e.id == "" {
		e.id, e.state = "-", "" // it names no SMS
	}
	return e
}

// parseReceipt reads "id:4711 sub:001 dlvrd:001 submit date:2603020712 done date:2603020713 stat:DELIVRD err:000 text:…",
// which SMPP 3.4 suggests in its appendix B and nearly all send.
func parseReceipt(text string) (id, state, why string) {
	if m := receiptID.FindStringSubmatch(text); m != nil {
		id = m[1]
	}
	m := receiptStat.FindStringSubmatch(text)
	if m == nil {
		return id, "", ""
	}
	codes := map[string]byte{"DELIVRD": data.SM_STATE_DELIVERED, "EXPIRED": data.SM_STATE_EXPIRED, "DELETED": data.SM_STATE_DELETED,
		"UNDELIV": data.SM_STATE_UNDELIVERABLE, "REJECTD": data.SM_STATE_REJECTED}
	state, why = smppState(codes[strings.ToUpper(m[1])])
	return id, state, why
}

func smppState(code byte) (state, why string) {
	switch code {
	case data.SM_STATE_DELIVERED:
		return "delivered", ""
	case data.SM_STATE_EXPIRED:
		return "failed", whyExpired
	case data.SM_STATE_DELETED:
		return "failed", whyFailed
	case data.SM_STATE_UNDELIVERABLE:
		return "failed", whyAbsent
	case data.SM_STATE_REJECTED:
		return "failed", whyRejected
	}
	return "", "" // a step on the way, or not known
}
