# METADATA
# scope: package
# title: Location of servers
# description: Servers stand where the data may be.
# custom:
#   applies_to: [publish]
#   controls:
#     - GDPR 44
#     - ISO/IEC 27001:2022 A.5.14
#   remedy: State the server's `region`, and choose one within the residency of the data.
#   owner: council
package mesh.global.policy.server_location

import data.mesh.global.lib.label
import data.mesh.global.lib.region

deny contains {
	"message": sprintf("server `%s` does not say in which region it stands", [object.get(server, "server", "unnamed")]),
	"path": sprintf("/contracts/%d/servers/%d", [c, s]),
	"code": "region_missing",
} if {
	some c, contract in input.contracts
	some s, server in contract.servers
	not region.of_server(server)
}

deny contains {
	"message": sprintf("server `%s` stands in `%s`, outside the residency `%s`", [
		object.get(server, "server", "unnamed"),
		place,
		label.list(residency),
	]),
	"path": sprintf("/contracts/%d/servers/%d", [c, s]),
	"code": "outside_residency",
} if {
	some residency in region.residencies
	some c, contract in input.contracts
	some s, server in contract.servers
	place := region.of_server(server)
	not region.admits(residency, place)
}
