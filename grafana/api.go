package grafana

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"withings-exporter/exporter/hint"
	"withings-exporter/exporter/reach"
	"withings-exporter/exporter/redact"
)

// api is Grafana's HTTP API.
type api struct {
	client *http.Client
	at     *url.URL // without a slash at the end
	token  string   // of a service account
	sent   []string // passwords of data sources
	role   string   // of a service account that may do all that is asked; empty: Editor
}

// largestAnswer is more than any board.
const largestAnswer = 16 << 20

// Refused is an answer of Grafana's that is not success.
type Refused struct {
	Status  int
	Doing   string // what was asked
	Message string // Grafana's own words
	Role    string // of a service account that may do it; empty: Editor
	Token   bool   // a token was sent
}

// Error says what was refused, and what to do about it.
func (e *Refused) Error() string {
	text := fmt.Sprintf("%s: Grafana answered %d %s", e.Doing, e.Status, http.StatusText(e.Status))
	if e.Message != "" {
		text += " (" + e.Message + ")"
	}
	if advice := e.Hint(); advice != "" {
		text += "; " + advice
	}
	return text
}

// Hint is what to do about it, or empty.
func (e *Refused) Hint() string {
	switch e.Status {
	case http.StatusUnauthorized:
		if e.Token {
			return "write a valid token of a service account of this Grafana into the file of --grafana.token-file"
		}
		return "give --grafana.token-file with the token of a service account"
	case http.StatusForbidden:
		return "give the service account the role " + cmp.Or(e.Role, "Editor") + "; Grafana takes up to a minute to apply it"
	case http.StatusPreconditionFailed, http.StatusBadRequest:
		return "it comes from provisioning files of Grafana: write them again with dashboards --dir, or delete them and restart Grafana"
	case http.StatusNotFound:
		return "check that --grafana.url is the address of a Grafana"
	}
	return ""
}

func newAPI(client *http.Client, address, token string) (*api, error) {
	u, err := url.Parse(strings.TrimSuffix(address, "/"))
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" {
		return nil, hint.Wrap(errors.New("--grafana.url is not a valid address"), "give one such as http://localhost:3000")
	}
	if client == nil {
		client = http.DefaultClient
	}
	return &api{client: client, at: u, token: strings.TrimSpace(token)}, nil
}

// unreached is an error of the network, with where Grafana was looked for.
func (a *api) unreached(doing string, err error) error {
	return fmt.Errorf("%s: %w", doing, reach.Failed("Grafana at "+a.at.Host, "--grafana.url", err, a.secrets()...))
}

// call asks, and reads the answer into out unless that is nil.
func (a *api) call(ctx context.Context, doing, method, path string, in, out any) error {
	var body io.Reader
	if in != nil {
		text, err := json.Marshal(in)
		if err != nil {
			return fmt.Errorf("%s: %w", doing, err)
		}
		body = bytes.NewReader(text)
	}
	request, err := http.NewRequestWithContext(ctx, method, a.at.String()+path, body)
	if err != nil {
		return a.unreached(doing, err)
	}
	request.Header.Set("Accept", "application/json")
	request.Header.Set("X-Grafana-NoCache", "true") // a data source is asked as it is now, not as it was some seconds ago
	if in != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	if a.token != "" {
		request.Header.Set("Authorization", "Bearer "+a.token)
	}
	response, err := a.client.Do(request)
	if err != nil {
		return a.unreached(doing, err)
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(response.Body, largestAnswer))
	if err != nil {
		return a.unreached(doing, err)
	}
	if response.StatusCode/100 != 2 {
		var said struct{ Message string }
		_ = json.Unmarshal(answer, &said) // a proxy's page has no message
		return &Refused{Status: response.StatusCode, Doing: doing, Message: redact.Text(said.Message, a.secrets()...), Role: a.role, Token: a.token != ""}
	}
	if out == nil {
		return nil
	}
	if err := json.Unmarshal(answer, out); err != nil {
		answered := "in a way that Grafana does not"
		if bytes.HasPrefix(bytes.TrimSpace(answer), []byte("<")) {
			answered = "with a web page"
		}
		return fmt.Errorf("%s: %w", doing, a.notGrafana(answered))
	}
	return nil
}

// notGrafana is the error for a server that answers, but not as a Grafana does.
func (a *api) notGrafana(answered string) error {
	where := a.at.Scheme + "://" + a.at.Host + a.at.Path
	return hint.Wrap(fmt.Errorf("%s does not look like a Grafana: it answered %s", redact.Text(where, a.secrets()...), answered),
		"give the address at which a browser shows Grafana as --grafana.url, with its sub-path if it has one, and without a sign-in page before it")
}

// secrets are what is sent in confidence: the token, and user and password where
// the address has them.
func (a *api) secrets() []string {
	secrets := []string{a.token}
	if a.at.User != nil {
		password, _ := a.at.User.Password()
		secrets = append(secrets, password, a.at.User.String())
	}
	return append(secrets, a.sent...)
}

// forbidden reports whether the account may not do what was asked.
func forbidden(err error) bool {
	var refused *Refused
	return errors.As(err, &refused) && refused.Status == http.StatusForbidden
}

// taken reports whether what was to be made is there already.
func taken(err error) bool {
	var refused *Refused
	return errors.As(err, &refused) && (refused.Status == http.StatusConflict || refused.Status == http.StatusPreconditionFailed)
}

// missing reports whether what was asked for is not there.
func missing(err error) bool {
	var refused *Refused
	return errors.As(err, &refused) && refused.Status == http.StatusNotFound
}
