package bundle

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"withings-exporter/exporter/statedir"
)

const (
	// minSecret is the length in bytes from which a secret is found anywhere; a
	// shorter one only as a word of its own.
	minSecret = 4
	// minName is the length in runes from which a name is found inside of words.
	minName = 6
	// minID is the length in bytes from which a number of Withings is looked
	// for; a shorter one could be any count.
	minID = 5
)

// Mask takes secrets and names out of texts. It is safe for concurrent use.
type Mask struct {
	mu       sync.Mutex // guards what follows
	standIns map[string]string
	counts   map[string]int
	forms    []form // the longest first
}

// form is one way in which something hidden can be written.
type form struct {
	text, instead string
	anywhere      bool // also inside of a word
}

// NewMask returns a mask that knows of nothing yet.
func NewMask() *Mask { return &Mask{standIns: map[string]string{}, counts: map[string]int{}} }

// Secret hides a secret; an empty one is none.
func (m *Mask) Secret(secret string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.hide(secret, "[secret]", len(secret) >= minSecret)
}

// Instead lets a text, such as the home folder, be shown as another.
func (m *Mask) Instead(text, instead string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.hide(text, instead, utf8.RuneCountInString(text) >= minName)
}

// Name hides the name of something of a kind and returns what stands for it:
// "profile 1" for the first profile, the same for the same name every time.
func (m *Mask) Name(kind, name string) string {
	m.mu.Lock()
	defer m.mu.Unlock()
	key := kind + "\x00" + name
	if known, ok := m.standIns[key]; ok {
		return known
	}
	m.counts[kind]++
	standIn := fmt.Sprintf("%s %d", kind, m.counts[kind])
	m.standIns[key] = standIn
	m.hide(name, standIn, utf8.RuneCountInString(name) >= minName)
	m.hide(statedir.Escape(name), standIn, false) // as it is in names of files
	return standIn
}

// ID is Name for a number of Withings, such as that of a person or a device.
func (m *Mask) ID(kind, id string) string {
	if len(id) < minID {
		return kind + " (short number)"
	}
	return m.Name(kind, id)
}

// hide remembers every form of a text. The mutex must be held.
func (m *Mask) hide(text, instead string, anywhere bool) {
	if strings.TrimSpace(text) == "" {
		return
	}
	for _, written := range writings(text) {
		if !slices.ContainsFunc(m.forms, func(f form) bool { return f.text == written }) {
			m.forms = append(m.forms, form{written, instead, anywhere})
		}
	}
	slices.SortStableFunc(m.forms, func(a, b form) int { return len(b.text) - len(a.text) })
}

// Text returns a text without anything the mask knows of, and without what
// looks like a secret or an e-mail address though nobody told.
func (m *Mask) Text(text string) string {
	forms := m.byFirst()
	text = strings.ToValidUTF8(text, "�")
	var out strings.Builder
	before := rune(' ')
	for i := 0; i < len(text); {
		if f, length := match(forms[bucket(text[i])], text, i, before); length > 0 {
			out.WriteString(f.instead)
			before, _ = utf8.DecodeLastRuneInString(text[:i+length])
			i += length
			continue
		}
		r, size := utf8.DecodeRuneInString(text[i:])
		out.WriteString(text[i : i+size])
		before = r
		i += size
	}
	return generally(out.String())
}

// byFirst parts the forms by their first byte, since few begin like a given
// place of a text.
func (m *Mask) byFirst() map[byte][]form {
	m.mu.Lock()
	defer m.mu.Unlock()
	all := map[byte][]form{}
	for _, f := range m.forms {
		all[bucket(f.text[0])] = append(all[bucket(f.text[0])], f)
	}
	return all
}

// bucket is the small letter of a byte. What folds to another letter beyond
// ASCII may begin with another byte, so all of those are one.
func bucket(b byte) byte {
	switch {
	case b >= utf8.RuneSelf:
		return utf8.RuneSelf
	case b >= 'A' && b <= 'Z':
		return b - 'A' + 'a'
	}
	return b
}

// match finds the longest form at a place, and how long it is there.
func match(forms []form, text string, at int, before rune) (form, int) {
	for _, f := range forms {
		end := at + len(f.text)
		if end > len(text) || !strings.EqualFold(text[at:end], f.text) {
			continue
		}
		after, _ := utf8.DecodeRuneInString(text[end:])
		if f.anywhere || !inWord(before) && (end == len(text) || !inWord(after)) {
			return f, len(f.text)
		}
	}
	return form{}, 0
}

func inWord(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

var (
	userInfo = regexp.MustCompile(`://[^/\s"'@]*@`)
	query    = regexp.MustCompile(`(https?://[^\s"'?]+)\?[^\s"']+`)
	email    = regexp.MustCompile(`[\w.+%-]+@[\w-]+(\.[\w-]+)+`)
	opaque   = regexp.MustCompile(`[A-Za-z0-9]{28,}`)

	// Errors of decoders quote what they cannot read, which may be a measured value.
	noNumber = regexp.MustCompile(`\S{1,80} is not a number`)
	noField  = regexp.MustCompile(`cannot unmarshal number \S+`)
	noTime   = regexp.MustCompile(`parsing time .{1,80}? as `)
	recordID = regexp.MustCompile(`record \\*"[^"\s]*"`)
)

// generally blanks what is secret by its looks: user and password in an
// address, what follows its question mark, e-mail addresses, long runs of
// letters and digits, and what decoders quote.
func generally(text string) string {
	text = userInfo.ReplaceAllString(text, "://[user]@")
	text = query.ReplaceAllString(text, "$1?[query]")
	text = email.ReplaceAllString(text, "[e-mail]")
	text = noNumber.ReplaceAllString(text, "[value] is not a number")
	text = noField.ReplaceAllString(text, "cannot unmarshal number [value]")
	text = noTime.ReplaceAllString(text, "parsing time [value] as ")
	text = recordID.ReplaceAllString(text, "record [id]")
	return opaque.ReplaceAllStringFunc(text, func(run string) string {
		if strings.ContainsFunc(run, unicode.IsDigit) {
			return "[long word]"
		}
		return run
	})
}
