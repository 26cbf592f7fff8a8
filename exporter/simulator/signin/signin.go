// Package signin takes the people of a simulated Withings through its consent page,
// as the demo and the tests need them.
package signin

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"withings-exporter/auth"
	"withings-exporter/exporter/command"
	"withings-exporter/exporter/hint"
	"withings-exporter/exporter/simulator"
	"withings-exporter/exporter/statedir"
)

// SignIn takes the people of a simulated cloud whom the settings name as
// profiles through its consent page and stores their tokens.
func SignIn(ctx context.Context, s command.Settings) error {
	dir, err := statedir.Open(s.StateDir)
	if err != nil {
		return err
	}
	app := &auth.App{
		ClientID: s.ClientID, ClientSecret: s.ClientSecret, RedirectURL: s.RedirectURL,
		AccountURL: s.AccountURL, APIURL: s.APIURL, Now: s.Now, HTTPClient: s.HTTP,
	}
	client := s.HTTP
	if client == nil {
		client = http.DefaultClient
	}
	for _, name := range s.Profiles {
		if err := consent(ctx, app, client, auth.NewStore(dir, name, s.ClientID, s.Now), name); err != nil {
			return fmt.Errorf("sign in %s at the simulated Withings: %w", name, err)
		}
	}
	return nil
}

func consent(ctx context.Context, app *auth.App, client *http.Client, store *auth.Store, name string) error {
	if _, err := store.Peek(); errors.Is(err, auth.ErrOtherApplication) || errors.Is(err, auth.ErrForeign) {
		return hint.Wrap(err, "give the demo a folder of its own with --state.dir")
	}
	const state = "demo"
	back, err := simulator.Consent(ctx, client, app.AuthCodeURL(state), name)
	if err != nil {
		return err
	}
	if back.Query().Get("state") != state {
		return errors.New("the state came back changed")
	}
	token, err := app.Exchange(ctx, back.Query().Get("code"))
	if err != nil {
		return err
	}
	return store.Save(ctx, token)
}
