package shell

import (
	"os/user"
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
