# METADATA
# scope: package
# title: Open data
# description: Everyone in the mesh may read data that its product calls public and all of whose columns are public.
# custom:
#   applies_to: [access]
#   controls:
#     - ISO/IEC 27001:2022 A.5.15
#   remedy: Nothing to do; other data is granted by the policies of its domain.
#   owner: council
package mesh.global.policy.open_data

import data.mesh.global.lib.access

# The only grant that the whole mesh gives: everything else is for the owning domain to grant.
permit if {
	access.open_data
	not access.writes
}
