package web

import (
	"errors"
	"fmt"
	"io/fs"
	"testing"
)

func TestTheFileWithoutRightsIsTheOneThatAnErrorNames(t *testing.T) {
	key := fmt.Errorf("key: %w", &fs.PathError{Op: "open", Path: "/etc/ssl/key.pem", Err: fs.ErrPermission})
	for want, err := range map[string]error{"/etc/ssl/key.pem": key, "web.yml": errors.New("permission denied")} {
		if got := denied(err, "web.yml"); got != want {
			t.Errorf("of %v it is %s, want %s", err, got, want)
		}
	}
}
