package mesh.global.test.identity_and_version

import data.mesh.global.policy.identity_and_version
import data.mesh.global.test.example

test_identified if {
	count(identity_and_version.deny) == 0 with input as example.publish
}

test_no_id if {
	example.codes(identity_and_version.deny) == {"id_missing"} with input as example.publish_without("/product/id")
}

test_no_version if {
	example.codes(identity_and_version.deny) == {"version_missing"}
		with input as example.publish_without("/product/version")
}

test_not_a_semantic_version if {
	example.codes(identity_and_version.deny) == {"version_invalid"}
		with input as example.publish_with("/product/version", "v1")
}

test_a_contract_without_version if {
	unversioned := example.publish_without("/contracts/0/version")
	example.codes(identity_and_version.deny) == {"contract_version_invalid"} with input as unversioned
}

test_an_older_version if {
	example.codes(identity_and_version.deny) == {"version_older"} with input as after("1.10.0")
}

test_a_newer_version if {
	count(identity_and_version.deny) == 0 with input as after("1.1.9")
}

test_a_description_is_required if {
	"/product" in identity_and_version.requires with input as example.publish
}

# The example, registered before under another version.
after(version) := example.publish_with("/previous", {"product": {"version": version}, "contracts": []})
