package bundle

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"sync"
	"time"

	"withings-exporter/exporter/reach"
)

// maxAnswer is the size in bytes above which an answer is passed on but not
// looked at.
const maxAnswer = 32 << 20

// Recorder is a transport that notes how answers of Withings are built. It is
// safe for concurrent use.
type Recorder struct {
	Next http.RoundTripper
	Now  func() time.Time

	mu      sync.Mutex // guards what follows
	asker   string
	answers []answer
}

// answer is what is kept of one.
type answer struct {
	asker, action string
	lines         []string
}

// For says whom the requests from now on are for.
func (r *Recorder) For(asker string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.asker = asker
}

// RoundTrip sends a request and notes the answer, which it gives back whole.
func (r *Recorder) RoundTrip(req *http.Request) (*http.Response, error) {
	action := actionOf(req)
	began := r.Now()
	resp, err := r.Next.RoundTrip(req)
	took := r.Now().Sub(began).Round(time.Millisecond)
	if err != nil {
		r.note(action, fmt.Sprintf("no answer after %s: %s", took, failure(err)))
		return resp, err
	}
	data, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	rest := resp.Body
	resp.Body = struct {
		io.Reader
		io.Closer
	}{io.MultiReader(bytes.NewReader(data), after(rest, err)), rest}
	lines := []string{fmt.Sprintf("HTTP %d, %s, %d bytes, %s%s",
		resp.StatusCode, contentType(resp), len(data), took, skew(resp, r.Now()))}
	r.note(action, append(lines, shape(action, data)...)...)
	return resp, nil
}

// after is what follows the part that was read: the rest, or the error that
// ended it.
func after(rest io.Reader, err error) io.Reader {
	if err != nil {
		return failing{err}
	}
	return rest
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

func (r *Recorder) note(action string, lines ...string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.answers = append(r.answers, answer{r.asker, action, lines})
}

// Report writes what was noted.
func (r *Recorder) Report(w io.Writer) {
	r.mu.Lock()
	answers := slices.Clone(r.answers)
	r.mu.Unlock()
	if len(answers) == 0 {
		fmt.Fprintln(w, "Withings was not asked anything.")
	}
	for _, a := range answers {
		fmt.Fprintf(w, "%s, %s:\n", a.asker, a.action)
		for _, line := range a.lines {
			fmt.Fprintln(w, "  "+line)
		}
	}
}

var actionName = regexp.MustCompile(`^[a-z]{1,24}$`)

// actionOf is the action of a request, from its form.
func actionOf(req *http.Request) string {
	if req.GetBody == nil {
		return "a request"
	}
	body, err := req.GetBody()
	if err != nil {
		return "a request"
	}
	data, err := io.ReadAll(io.LimitReader(body, 64<<10))
	if err := errors.Join(err, body.Close()); err != nil {
		return "a request"
	}
	form, err := url.ParseQuery(string(data))
	if action := form.Get("action"); err == nil && actionName.MatchString(action) {
		if category := form.Get("category"); category == "1" || category == "2" {
			action += " category " + category
		}
		if form.Has("offset") {
			action += ", a further page"
		}
		return action
	}
	return "a request"
}

// failure is an error without the address it happened at.
func failure(err error) string {
	what, _ := reach.Explain(err)
	return what
}

var mediaType = regexp.MustCompile(`^[a-z]+/[a-z+.-]+`)

func contentType(resp *http.Response) string {
	if t := mediaType.FindString(resp.Header.Get("Content-Type")); t != "" {
		return t
	}
	return "no content type"
}

// skew tells how far the clocks are apart, when they are: tokens and lastupdate
// depend on it.
func skew(resp *http.Response, now time.Time) string {
	theirs, err := http.ParseTime(resp.Header.Get("Date"))
	if err != nil {
		return ""
	}
	apart := theirs.Sub(now).Round(time.Second)
	if apart.Abs() < 5*time.Second {
		return ""
	}
	return fmt.Sprintf(", their clock is %s off ours", apart)
}
