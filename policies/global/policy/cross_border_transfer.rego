# METADATA
# scope: package
# title: Cross-border transfer
# description: Personal data goes only to jurisdictions that protect it as its own does.
# custom:
#   applies_to: [access]
#   controls:
#     - GDPR 44
#     - GDPR 45
#     - ISO/IEC 27001:2022 A.5.34
#   remedy: Process the data in a jurisdiction with an adequacy decision, or ask for a waiver that names the safeguards.
#   owner: council
package mesh.global.policy.cross_border_transfer

import data.mesh.global.lib.access
import data.mesh.global.lib.columns
import data.mesh.global.lib.region

requires contains "/context/region" if count(homes) > 0

deny contains {
	"message": sprintf("personal data may not go from `%s` to `%v`", [home, input.context.region]),
	"path": "/context/region",
	"code": "transfer_not_adequate",
} if {
	some home in homes
	not region.adequate(home, input.context.region)
}

# Where the contracts with personal data keep it.
homes contains home if {
	access.touches_data
	some item in columns.personal
	some server in input.contracts[item.contract].servers
	home := region.jurisdiction(region.of_server(server))
}
