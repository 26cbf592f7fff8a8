package simulator

import (
	"context"
	"errors"
	"fmt"
	"html"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
)

// ErrNoSuchPerson says that the consent page does not offer the person asked for.
var ErrNoSuchPerson = errors.New("the consent page does not offer this person")

// Consent walks the consent page the way a browser does: it opens the authorize URL, finds the form, chooses
// the person (by name or user id) and allows. It returns the callback URL with code and state, which it
// does not open.
func Consent(ctx context.Context, client *http.Client, authorizeURL string, person string) (*url.URL, error) {
	return walkConsent(ctx, client, authorizeURL, person, "allow")
}

// Deny opens the authorize URL and refuses. It returns the callback URL with error and state.
func Deny(ctx context.Context, client *http.Client, authorizeURL string) (*url.URL, error) {
	return walkConsent(ctx, client, authorizeURL, "", "deny")
}

func walkConsent(ctx context.Context, client *http.Client, authorizeURL, person, decision string) (*url.URL, error) {
	browser := *client
	browser.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	get, err := http.NewRequestWithContext(ctx, http.MethodGet, authorizeURL, nil)
	if err != nil {
		return nil, fmt.Errorf("open the consent page: %w", err)
	}
	page, err := readPage(&browser, get)
	if err != nil {
		return nil, fmt.Errorf("open the consent page: %w", err)
	}
	action, form, err := fillForm(page, person)
	if err != nil {
		return nil, err
	}
	form.Set("decision", decision)
	target, err := get.URL.Parse(action)
	if err != nil {
		return nil, fmt.Errorf("read the address of the consent form: %w", err)
	}
	post, err := http.NewRequestWithContext(ctx, http.MethodPost, target.String(), strings.NewReader(form.Encode()))
	if err != nil {
		return nil, fmt.Errorf("send the consent form: %w", err)
	}
	post.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	answer, err := browser.Do(post)
	if err != nil {
		return nil, fmt.Errorf("send the consent form: %w", err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusFound {
		return nil, fmt.Errorf("send the consent form: status %d instead of a redirect", answer.StatusCode)
	}
	return answer.Location()
}

// readPage returns the text of a page; anything but status 200 is an error with the page's sentence.
func readPage(client *http.Client, request *http.Request) (string, error) {
	answer, err := client.Do(request)
	if err != nil {
		return "", err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(io.LimitReader(answer.Body, maxRequestBytes))
	if err != nil {
		return "", err
	}
	if answer.StatusCode != http.StatusOK {
		reason := problemText().FindStringSubmatch(string(text))
		if reason == nil {
			return "", fmt.Errorf("status %d", answer.StatusCode)
		}
		return "", fmt.Errorf("status %d: %s", answer.StatusCode, html.UnescapeString(reason[1]))
	}
	return string(text), nil
}

var (
	problemText = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`<p>([^<]*)</p>`) })
	formTag     = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`<form [^>]*action="([^"]*)"`) })
	inputTag    = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`<input ([^>]*)>`) })
	attribute   = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`([a-z-]+)="([^"]*)"`) })
)

// fillForm reads the form of the page as a browser would submit it with the person chosen.
func fillForm(page, person string) (action string, form url.Values, err error) {
	tag := formTag().FindStringSubmatch(page)
	if tag == nil {
		return "", nil, errors.New("the consent page has no form")
	}
	form = url.Values{}
	var offered []string
	for _, input := range inputTag().FindAllStringSubmatch(page, -1) {
		attrs := map[string]string{}
		for _, pair := range attribute().FindAllStringSubmatch(input[1], -1) {
			attrs[pair[1]] = html.UnescapeString(pair[2])
		}
		switch attrs["type"] {
		case "hidden":
			form.Set(attrs["name"], attrs["value"])
		case "radio":
			offered = append(offered, attrs["data-name"])
			if person == attrs["data-name"] || person == attrs["value"] {
				form.Set(attrs["name"], attrs["value"])
			}
		}
	}
	if person != "" && !form.Has("person") {
		return "", nil, fmt.Errorf("%w: %q; it offers %s", ErrNoSuchPerson, person, strings.Join(offered, ", "))
	}
	return html.UnescapeString(tag[1]), form, nil
}
