# METADATA
# scope: package
# title: Accountable access
# description: Whoever uses data is someone that the registry knows, be it a person or a service.
# custom:
#   applies_to: [access]
#   controls:
#     - ISO/IEC 27001:2022 A.5.16
#     - GDPR 5(2)
#   remedy: Register the subject with its domain and roles.
#   owner: council
package mesh.global.policy.accountable_access

deny contains {
	"message": sprintf("the %s `%s` is not registered", [input.subject.type, input.subject.id]),
	"path": "/subject/id",
	"code": "subject_unregistered",
} if {
	not input.subject.registered
}

deny contains {
	"message": sprintf("the %s `%s` belongs to no domain", [input.subject.type, input.subject.id]),
	"path": "/subject/registered/domain",
	"code": "subject_without_domain",
} if {
	input.subject.registered
	not input.subject.registered.domain
}
