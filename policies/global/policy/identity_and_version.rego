# METADATA
# scope: package
# title: Identity and version
# description: A data product can be named and cited, so it has an id and a semantic version that only grows.
# custom:
#   applies_to: [publish]
#   controls:
#     - DAMA-DMBOK2 ch. 12 (metadata management)
#     - ISO/IEC 27001:2022 A.5.9
#   remedy: Give an id that never changes, and a version such as `1.0.0` that grows with each change.
#   owner: council
package mesh.global.policy.identity_and_version

import data.mesh.global.lib.label

# Without a description of the product nothing can be judged.
requires contains "/product"

deny contains {
	"message": "the product has no id",
	"path": "/product/id",
	"code": "id_missing",
} if {
	not input.product.id
}

deny contains {
	"message": "the product has no version",
	"path": "/product/version",
	"code": "version_missing",
} if {
	not input.product.version
}

deny contains {
	"message": sprintf("`%s` is not a semantic version such as `1.4.0`", [version]),
	"path": "/product/version",
	"code": "version_invalid",
} if {
	version := input.product.version
	not semver.is_valid(version)
}

deny contains {
	"message": sprintf("%s has no semantic version", [label.contract(contract, position)]),
	"path": sprintf("/contracts/%d/version", [position]),
	"code": "contract_version_invalid",
} if {
	some position, contract in input.contracts
	not semver.is_valid(object.get(contract, "version", ""))
}

deny contains {
	"message": sprintf("version `%s` is older than `%s`, which is registered", [now, before]),
	"path": "/product/version",
	"code": "version_older",
} if {
	now := input.product.version

	# witan: allow lint_deny_silent nothing can be older than a version that is not there
	before := input.previous.product.version
	semver.is_valid(now)
	semver.is_valid(before)
	semver.compare(now, before) < 0
}
