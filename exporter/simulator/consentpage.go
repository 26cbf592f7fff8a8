package simulator

import (
	"bytes"
	"cmp"
	"html/template"
	"net/http"
	"net/url"
	"strings"
	"sync"
)

// scopeWords says in plain words what a scope opens.
var scopeWords = map[string]string{
	scopeInfo:     "Devices and goals",
	scopeMetrics:  "Weight, body composition, blood pressure, temperature, heart recordings",
	scopeActivity: "Daily activity, workouts and nights",
	scopeSleep:    "When someone gets into bed and out of it",
}

// choice is one person on the page.
type choice struct {
	ID      int64
	Name    string
	Initial string
	Devices string
	Checked bool
}

// pageData fills the consent page.
type pageData struct {
	Client, Host string
	Scopes       []string
	Hidden       []Field
	People       []choice
	Demo         bool
	Problem      string
}

// showConsent writes the page with one choice per person.
func (c *Cloud) showConsent(w http.ResponseWriter, a ask) {
	data := pageData{Client: a.client, Demo: a.demo, Hidden: []Field{
		{"response_type", "code"}, {"client_id", a.client}, {"redirect_uri", a.redirect},
		{"state", a.state}, {"scope", strings.Join(a.scopes, ",")},
	}}
	if a.demo {
		data.Hidden = append(data.Hidden, Field{"mode", "demo"})
	}
	if u, err := url.Parse(a.redirect); err == nil {
		data.Host = u.Host
	}
	for _, scope := range a.scopes {
		data.Scopes = append(data.Scopes, scopeWords[scope])
	}
	for i, p := range c.choices(a) {
		data.People = append(data.People, choice{ID: p.ID, Name: p.Name, Initial: p.Name[:1], Devices: deviceWords(p.Devices), Checked: i == 0})
	}
	writePage(w, http.StatusOK, data)
}

// showProblem writes the page for a request that cannot be answered with a redirect.
func (c *Cloud) showProblem(w http.ResponseWriter, problem string) {
	writePage(w, http.StatusBadRequest, pageData{Problem: problem})
}

func writePage(w http.ResponseWriter, status int, data pageData) {
	var page bytes.Buffer
	if err := consentPage().Execute(&page, data); err != nil {
		http.Error(w, "the page cannot be made", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write(page.Bytes()) // the browser may have left; nothing depends on it
}

// deviceWords lists the devices of a person in one line, by the names under which people
// buy them: answers have none for the mat.
func deviceWords(devices []Device) string {
	names := make([]string, 0, len(devices))
	for _, d := range devices {
		name := cmp.Or(d.Model, d.Type)
		if d.ModelID == modelMat {
			name = "Sleep Analyzer"
		}
		names = append(names, name)
	}
	if len(names) == 0 {
		return "no device"
	}
	return strings.Join(names, ", ")
}

var consentPage = sync.OnceValue(func() *template.Template {
	return template.Must(template.New("consent").Parse(`<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Simulated sign-in</title>
<style>
:root { color-scheme: light dark; --back: #f2f4f7; --card: #fff; --ink: #1c2430; --soft: #5b6675; --line: #d8dee6; --key: #0b6e99; }
@media (prefers-color-scheme: dark) {
  :root { --back: #12161c; --card: #1b212a; --ink: #e8edf3; --soft: #9aa6b4; --line: #323c49; --key: #5bb8de; }
}
* { box-sizing: border-box; }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; background: var(--back); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
main { width: min(30rem, 94vw); margin: 2rem 0; padding: 2rem; background: var(--card); border: 1px solid var(--line); border-radius: 16px; }
h1 { margin: 0 0 .25rem; font-size: 1.4rem; }
p, ul { color: var(--soft); }
ul { padding-left: 1.2rem; }
fieldset { border: 0; padding: 0; margin: 1.5rem 0; max-height: 22rem; overflow: auto; }
legend { font-weight: 600; margin-bottom: .5rem; }
label { display: flex; align-items: center; gap: .8rem; padding: .7rem .9rem; margin-bottom: .5rem; border: 1px solid var(--line); border-radius: 12px; cursor: pointer; }
label:has(input:checked) { border-color: var(--key); }
input { accent-color: var(--key); }
.face { flex: none; width: 2.4rem; height: 2.4rem; display: grid; place-items: center; border-radius: 50%; background: var(--key); color: var(--card); font-weight: 600; }
small { display: block; color: var(--soft); }
.act { display: flex; gap: .8rem; }
button { flex: 1; padding: .75rem; border-radius: 12px; border: 1px solid var(--line); background: none; color: inherit; font: inherit; font-weight: 600; cursor: pointer; }
button[value=allow] { background: var(--key); border-color: var(--key); color: var(--card); }
footer { margin-top: 1.5rem; font-size: .85rem; color: var(--soft); }
</style>
</head>
<body>
<main>
{{if .Problem}}<h1>This request is not valid</h1>
<p>{{.Problem}}</p>
{{else}}<h1>{{if .Demo}}Use the demo account?{{else}}Share your health data?{{end}}</h1>
<p>The application <b>{{.Client}}</b> at {{.Host}} asks to read:</p>
<ul>{{range .Scopes}}<li>{{.}}</li>{{end}}</ul>
<form method="post" action="/oauth2_user/authorize2">
{{range .Hidden}}<input type="hidden" name="{{.Name}}" value="{{.Value}}">
{{end}}<fieldset><legend>Whose data?</legend>
{{range .People}}<label><input type="radio" name="person" value="{{.ID}}" data-name="{{.Name}}"{{if .Checked}} checked{{end}}><span class="face">{{.Initial}}</span><span>{{.Name}}<small>{{.Devices}}</small></span></label>
{{end}}</fieldset>
<div class="act"><button name="decision" value="deny">Deny</button><button name="decision" value="allow">Allow</button></div>
</form>
{{end}}<footer>This is a simulator: these people are invented, and their data goes nowhere else.</footer>
</main>
</body>
</html>
`))
})
