package authorize

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"withings-exporter/auth"
	"withings-exporter/exporter/command"
	"withings-exporter/exporter/envelope"
	"withings-exporter/exporter/hint"
	"withings-exporter/exporter/reach"
	"withings-exporter/exporter/words"
)

// longestPaste is the longest line read, in bytes; an address has some hundred.
const longestPaste = 16 << 10

// mostPastes is how many pasted texts in a row may be of no use before the command ends.
const mostPastes = 10

// paste has a person copy the answer from a browser on any machine. At a terminal,
// mistakes that can be corrected are asked for again.
func (a *authorizer) paste(ctx context.Context) error {
	login := a.login()
	a.say("Read all three steps first: the last one must be done within 30 seconds.")
	words.Paragraph(a.talk, " 1. ", fmt.Sprintf("Open the address below in any browser, sign in to Withings, choose the person for profile %q and press Allow.", a.options.Profile))
	words.Paragraph(a.talk, " 2. ", fmt.Sprintf("The browser goes to an address that begins with %s and may show an error, which is expected.", a.settings.RedirectURL))
	words.Paragraph(a.talk, " 3. ", "Copy that whole address, paste it here and press Enter within 30 seconds after Allow, when the code in it expires. If you are too late, open the address below again.")
	fmt.Fprintln(a.out, login.URL())

	lines := a.lines()
	limit := time.NewTimer(a.options.Timeout)
	defer limit.Stop()
	for range mostPastes {
		fmt.Fprint(a.talk, "Address shown by the browser: ")
		text, err := lines.next(ctx, limit.C)
		if err != nil || !a.terminal { // a terminal has ended the line itself
			fmt.Fprintln(a.talk)
		}
		if err != nil {
			return a.unread(err)
		}
		token, err := a.redeem(ctx, login, text)
		if err == nil {
			return a.tell(ctx, token)
		}
		again, ok := errors.AsType[*askAgain](err)
		if !ok || !a.terminal {
			return err
		}
		a.say("%s", command.Sentence(again.told))
	}
	return hint.Wrap(fmt.Errorf("authorise profile %q: nothing of what was pasted %d times could be used, so nothing was changed", a.options.Profile, mostPastes),
		a.again()+"; paste the address that the browser shows after you press Allow")
}

// askAgain is a mistake that a person at a terminal can correct at once.
type askAgain struct {
	error
	told string // what to correct, for somebody who sees the address to open
}

func (e *askAgain) Unwrap() error { return e.error }

// redeem turns what was pasted into a stored token.
func (a *authorizer) redeem(ctx context.Context, login *auth.Login, text string) (auth.Token, error) {
	code, err := login.Pasted(text)
	switch {
	case errors.Is(err, auth.ErrRefused):
		return auth.Token{}, err
	case errors.Is(err, auth.ErrWrongState):
		return auth.Token{}, &askAgain{err, "this is the answer to another sign-in; open the address above, press Allow and paste the address that the browser shows then"}
	case err != nil:
		return auth.Token{}, &askAgain{err, err.Error()}
	}
	token, err := a.cloud.App.Exchange(ctx, code)
	if err == nil {
		err = a.accept(ctx, token)
	}
	other, chosen := errors.AsType[*otherPerson](err)
	switch {
	case chosen:
		return auth.Token{}, &askAgain{err, fmt.Sprintf("%s; %s, open the address above again and choose that person; %s, press Ctrl-C and run: %s",
			hint.Text(err), other.right, other.meant, other.force)}
	case errors.Is(err, auth.ErrCodeRefused):
		late := fmt.Errorf("authorise profile %q: %w; nothing was changed", a.options.Profile, auth.ErrCodeRefused)
		return auth.Token{}, &askAgain{hint.Wrap(late, a.again()+"; paste at once, since a code is good for 30 seconds and once"), "Withings refuses this code: it is older than 30 seconds, or was used before; open the address above again, press Allow and paste at once"}
	case passes(err):
		return auth.Token{}, &askAgain{err, err.Error() + "; then open the address above again"}
	}
	return token, err
}

// passes reports whether the exchange of a code failed for a reason that may be over when a person tries again. The rate limit
// lasts longer than a code.
func passes(err error) bool {
	if _, ok := errors.AsType[*reach.Error](err); ok {
		return true
	}
	told, ok := errors.AsType[*envelope.Error](err)
	return ok && told.Transient()
}

// unread says why nothing was read.
func (a *authorizer) unread(err error) error {
	name := a.options.Profile
	switch {
	case errors.Is(err, errPasteLate):
		return hint.Wrap(fmt.Errorf("authorise profile %q: nothing was pasted within %s, so nothing was changed", name, words.Short(a.options.Timeout)),
			a.again()+"; if more time is needed, with a longer --timeout")
	case errors.Is(err, io.EOF):
		return hint.Wrap(fmt.Errorf("authorise profile %q: the input ended before anything was pasted, so nothing was changed", name),
			"run auth --paste in a terminal (docker run -it, ssh -t), or pipe the address shown by the browser into it")
	case errors.Is(err, bufio.ErrTooLong):
		return hint.Wrap(fmt.Errorf("authorise profile %q: the pasted text is longer than %d bytes, so nothing was changed", name, longestPaste),
			a.again()+"; paste only the address shown by the browser")
	}
	return fmt.Errorf("authorise profile %q: read the pasted address: %w", name, err)
}

// errPasteLate means that nothing was pasted in time.
var errPasteLate = errors.New("time is over")

// lines is an input that is read line by line, by a goroutine of its own.
type lines struct {
	read chan line
	done chan struct{}
}

type line struct {
	text string
	err  error
}

// readLines begins to read. A read from a terminal cannot be interrupted, so the
// goroutine may outlive stop until the next line or the end of the process; it
// then uses nothing but its channel.
func readLines(in io.Reader) *lines {
	l := &lines{read: make(chan line), done: make(chan struct{})}
	go func() {
		scanner := bufio.NewScanner(in)
		scanner.Buffer(nil, longestPaste)
		for {
			next := line{err: io.EOF}
			if scanner.Scan() {
				next = line{text: scanner.Text()}
			} else if err := scanner.Err(); err != nil {
				next.err = err
			}
			select {
			case l.read <- next:
			case <-l.done:
				return
			}
			if next.err != nil {
				return
			}
		}
	}()
	return l
}

// next is the next line. The error is io.EOF at the end of the input and
// errPasteLate when the time is over.
func (l *lines) next(ctx context.Context, over <-chan time.Time) (string, error) {
	select {
	case next := <-l.read:
		return next.text, next.err
	case <-over:
		return "", errPasteLate
	case <-ctx.Done():
		return "", ctx.Err()
	}
}

// stop lets the reading end. It is called once.
func (l *lines) stop() { close(l.done) }
