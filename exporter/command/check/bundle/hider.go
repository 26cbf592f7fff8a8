package bundle

import (
	"crypto/sha256"
	"fmt"
	"log/slog"
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"withings-exporter/exporter/redact"
	"withings-exporter/exporter/statedir"
)

// minName is the length in runes from which a name is also hidden inside longer
// words. A name of one rune is not hidden: a profile "1" would remove every 1 from a
// bundle, and identifies nobody.
const minName = 6

// common are names of users, machines and profiles that identify nobody, and words
// that occur all over a bundle.
var common = []string{"withings-exporter", "prometheus", "localhost", "nonroot", "nobody", "root", "user", "admin", "withings", "exporter", "profile"}

// isCommon reports whether a name is made of such words alone, as that of the service's user, "Withings exporter".
func isCommon(name string) bool {
	return !slices.ContainsFunc(strings.Fields(strings.ToLower(name)), func(word string) bool { return !slices.Contains(common, word) })
}

// Hider removes secrets and names from texts for a bundle. It is safe for
// concurrent use.
type Hider struct {
	Keys []string // of the configuration file, which may be shown

	mu     sync.Mutex           // guards what follows
	names  map[[2]string]string // stand-ins by kind and name
	counts map[string]int       // of stand-ins by kind
	words  []redact.Word
	hidden redact.Words // those words, when it is not stale
	stale  bool
}

// Secret adds a secret to hide, and both halves of one such as user:password.
func (h *Hider) Secret(secret string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.add(redact.Word{Text: secret})
	if user, password, found := strings.Cut(secret, ":"); found {
		h.instead(user, "[user]")
		h.add(redact.Word{Text: password})
	}
}

// add adds a word unless it is known. The mutex must be held.
func (h *Hider) add(w redact.Word) {
	if strings.TrimSpace(w.Text) != "" && !slices.Contains(h.words, w) {
		h.words, h.stale = append(h.words, w), true
	}
}

// Instead shows a text, such as the home folder, as another.
func (h *Hider) Instead(text, instead string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.instead(text, instead)
}

func (h *Hider) instead(text, instead string) {
	if runes := utf8.RuneCountInString(strings.TrimSpace(text)); runes > 1 && !isCommon(text) {
		h.add(redact.Word{Text: text, Instead: instead, Whole: runes < minName})
	}
}

// Name adds a name to hide and returns its stand-in, such as "profile 1" for the
// first profile. The same name always has the same stand-in.
func (h *Hider) Name(kind, name string) string {
	if name == "" {
		return ""
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.names == nil {
		h.names, h.counts = map[[2]string]string{}, map[string]int{}
	}
	standIn, known := h.names[[2]string{kind, name}]
	if !known {
		h.counts[kind]++
		standIn = fmt.Sprintf("%s %d", kind, h.counts[kind])
		for _, text := range []string{name, statedir.Escape(name)} { // files are named like the second
			h.names[[2]string{kind, text}] = standIn
			h.instead(text, standIn)
		}
	}
	return standIn
}

// Application adds a client id to hide and returns its stand-in, which has a hash
// of it, so that two applications can be told apart.
func (h *Hider) Application(clientID string) string {
	if clientID == "" {
		return ""
	}
	sum := sha256.Sum256([]byte(clientID))
	name := fmt.Sprintf("application %x", sum[:3])
	h.Instead(clientID, name)
	return name
}

// known returns the words to hide, prepared and with their stand-ins.
func (h *Hider) known() (redact.Words, []redact.Word) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.stale {
		h.hidden, h.stale = redact.Prepare(h.words...), false
	}
	return h.hidden, slices.Clip(h.words)
}

var (
	quoted = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile("\"(?:[^\"\\\\]|\\\\.)*\"|`[^`]*`") })
	// path is the path of a file or of a URL.
	path = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^(?:[A-Za-z]:[/\\]|[~.]{0,2}/)`) })
	// long is a number that could be that of a person, a device or a record.
	long = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`\b[0-9]{7,}\b`) })
)

// Text returns a text of this program without anything about a person: the words
// the hider knows, long numbers, and anything quoted that is not a path or a key.
func (h *Hider) Text(text string) string {
	hidden, words := h.known()
	text = quoted().ReplaceAllStringFunc(hidden.Line(text), func(q string) string {
		rest := strings.ReplaceAll(q[1:len(q)-1], redact.Hidden, "")
		for _, w := range words {
			rest = strings.ReplaceAll(rest, w.Instead, "")
		}
		if rest == "" || path().MatchString(rest) || h.isKey(rest) {
			return q
		}
		return q[:1] + "[text]" + q[:1]
	})
	return long().ReplaceAllString(text, "[number]")
}

// isKey reports whether a word is a key of the configuration file, or part of a
// nested one.
func (h *Hider) isKey(word string) bool {
	word = strings.ReplaceAll(word, "_", "-")
	return slices.ContainsFunc(h.Keys, func(key string) bool {
		return word == key || slices.Contains(strings.Split(key, "."), word)
	})
}

// logged are the attributes of log lines whose text is kept.
var logged = []string{slog.MessageKey, slog.LevelKey, "service", "services", "action", "status", "settings", "err"}

// Attribute redacts an attribute of a log line; it is for slog.HandlerOptions.
func (h *Hider) Attribute(_ []string, a slog.Attr) slog.Attr {
	if kind := a.Value.Resolve().Kind(); kind != slog.KindString && kind != slog.KindAny {
		return a
	}
	if a.Key == "profile" { // the stand-in is for any name, also one that Text does not hide
		return slog.String(a.Key, h.Name("profile", a.Value.String()))
	}
	if !slices.Contains(logged, a.Key) {
		return slog.String(a.Key, "[text]")
	}
	return slog.String(a.Key, h.Text(a.Value.String()))
}
