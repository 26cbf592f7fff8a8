package shell

import (
	"os"
	"os/user"
	"strings"
	"testing"
)

func TestASystemWithoutUserNumbersIsToldNoCommandOfOthers(t *testing.T) {
	if got := allow("token", -1, -1); got != "allow the user running this program to read it" {
		t.Errorf("the advice is %q", got)
	}
}

func TestAGroupIsCalledByItsName(t *testing.T) {
	if root, err := user.LookupGroupId("0"); err == nil && named("0") != root.Name {
		t.Errorf("the group of %s is called %q", root.Name, named("0"))
	}
	if got := named("12345678"); got != "12345678" {
		t.Errorf("a group without a name is called %q", got)
	}
}

func TestAFolderIsGivenToAUserByName(t *testing.T) {
	if got := Own("/x", 12345678, 12345678); got != "" {
		t.Errorf("a user without a name gets it by %q", got)
	}
	root, err := user.LookupId("0")
	if err != nil {
		return // no names
	}
	usual := inContainers
	t.Cleanup(func() { inContainers = usual })
	t.Setenv("KUBERNETES_SERVICE_HOST", "")
	inContainers = []string{os.Args[0]}
	if got := Own("/a b", 0, 0) + UserName(0); got != "0" {
		t.Errorf("in a container, root gets it by %q", got)
	}
	inContainers = nil
	want := "sudo chown -R " + root.Username + ": '/a b'"
	if os.Geteuid() == 0 {
		want = strings.TrimPrefix(want, "sudo ")
	}
	if got := Own("/a b", 0, 0); got != want {
		t.Errorf("root gets it by %q, want %q", got, want)
	}
	if got := Own("/a b", 0, 12345678); !strings.Contains(got, root.Username+":12345678 ") {
		t.Errorf("with another group, root gets it by %q", got)
	}
	if got := User(0) + User(12345678); got != "user 0 ("+root.Username+")user 12345678" {
		t.Errorf("they are called %q", got)
	}
}

func TestAFileOfTheServiceNeedsNoOtherRights(t *testing.T) {
	usual := serviceScript
	t.Cleanup(func() { serviceScript = usual })
	t.Setenv("EXPORTER_PROGRAM", "")
	serviceScript = os.Args[0]
	const file = "/etc/withings-exporter/withings.yaml"
	if got := Allow(file); !strings.HasPrefix(got, "only root and the service may use /etc/withings-exporter: run: sudo ") {
		t.Errorf("the advice is %q", got)
	}
	serviceScript += "-missing"
	if got := Allow(file); strings.Contains(got, "the service") {
		t.Errorf("without a service the advice is %q", got)
	}
}
