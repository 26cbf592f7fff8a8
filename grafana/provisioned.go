package grafana

import (
	"fmt"
	"net/url"
	"strings"

	"withings-exporter/exporter/hint"
)

// Provisioned is a data source that comes from a provisioning file of Grafana and does not lead to where Install was told:
// no account may change it, only whoever has the file.
type Provisioned struct {
	Name string
	Has  string // what leads elsewhere, as in the file: "url: http://localhost:9090"
	Want string // what should be there instead
}

// Error says where the data source leads, and what to do about it.
func (p *Provisioned) Error() string {
	return fmt.Sprintf("data source %q comes from a provisioning file of Grafana, which has %s; %s", p.Name, p.Has, p.Hint())
}

// Hint is what to do about it.
func (p *Provisioned) Hint() string {
	return fmt.Sprintf("if that is wrong, write %s there, and restart Grafana; if it is right, give the same here", p.Want)
}

var _ hint.Adviser = (*Provisioned)(nil)

// readOnly is the step for a data source that comes from a provisioning file. Who may change it is whoever has the file, so
// that it is right if it leads to where it should.
func (s *source) readOnly(stored source) (Step, error) {
	step := Step{What: "data source", Name: s.Name, Done: Kept}
	if has, want := s.instead(stored); has != "" {
		return step, &Provisioned{Name: s.Name, Has: has, Want: want}
	}
	if s.SecureJSONData["password"] != "" {
		step.Done, step.Provisioned = NotSent, true
	}
	return step, nil
}

// instead is where a stored data source leads, as far as that is elsewhere, and where it should: "url: http://localhost:9090".
func (s *source) instead(stored source) (has, want string) {
	var there, here []string
	for _, of := range []struct{ key, has, want string }{
		{"url", plain(stored.URL), plain(s.URL)},
		{"user", stored.User, s.User},
		{"dbName", database(stored), database(*s)},
	} {
		if of.has != of.want && (of.want != anyUser || of.has == "") {
			text := of.key + ": " + of.has
			if of.has == "" {
				text = "no " + of.key
			}
			there, here = append(there, text), append(here, of.key+": "+of.want)
		}
	}
	return strings.Join(there, " and "), strings.Join(here, " and ")
}

// plain is an address as a message may show it.
func plain(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return "an address that cannot be read"
	}
	return strings.TrimSuffix(u.Redacted(), "/")
}

// database is that of InfluxDB, or empty.
func database(s source) string {
	name, _ := s.JSONData["dbName"].(string)
	return name
}
