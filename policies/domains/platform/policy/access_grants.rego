# METADATA
# scope: package
# title: Who may use platform data
# description: Engineers of every domain read how the platform runs; ours, and our pipelines, write it.
# custom:
#   applies_to: [access]
#   controls:
#     - ISO/IEC 27001:2022 A.5.15
#     - ISO/IEC 27001:2022 A.8.15
#   remedy: Have your role as engineer registered, or ask an engineer of your domain.
#   owner: stewards of platform
package mesh.platform.policy.access_grants

import data.mesh.global.lib.access

# Everyone may learn what there is.
permit if access.describes

permit if {
	"engineer" in input.subject.registered.roles
	input.action.name in ["read", "query", "download"]
}

permit if {
	access.same_domain
	access.writes
	some role in ["engineer", "pipeline"]
	role in input.subject.registered.roles
}
