# METADATA
# scope: package
# title: Someone answers for each service
# description: A service acts only if the registry names the person who owns it, on our data and on that of others.
# custom:
#   applies_to: [access, consume]
#   controls:
#     - ISO/IEC 27001:2022 A.5.16
#     - ISO/IEC 27001:2022 A.8.2
#   remedy: Register the service with its `owner`, a person who is there to be asked.
#   owner: stewards of platform
package mesh.platform.policy.service_owner

deny contains {
	"message": sprintf("nobody owns the service `%s`", [input.subject.id]),
	"path": "/subject/registered/owner",
	"code": "service_without_owner",
} if {
	input.subject.type == "service"
	not has_owner
}

has_owner if object.get(input.subject.registered, "owner", "") != ""
