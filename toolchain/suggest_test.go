package main

import "testing"

func TestNearest(t *testing.T) {
	names := []string{"owner", "name", "domain", "description", "id"}
	cases := []struct{ written, want string }{
		{"ownr", "owner"}, {"onwer", "owner"}, {"owners", "owner"}, {"Name", "name"}, {"domian", "domain"}, {"descritpon", "description"},
		// Too far, too short, or the very name.
		{"team", ""}, {"nm", ""}, {"ix", ""}, {"ower_of", ""}, {"owner", ""}, {"", ""}, {"desc", ""},
	}
	for _, each := range cases {
		if have := nearest(each.written, names); have != each.want {
			t.Errorf("`%s` is taken for `%s`, not `%s`", each.written, have, each.want)
		}
	}
	if have := nearest("cat", []string{"rat", "bat"}); have != "bat" {
		t.Errorf("of two that are as near it is `%s`", have)
	}
}
