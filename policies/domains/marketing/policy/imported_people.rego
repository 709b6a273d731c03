# METADATA
# scope: package
# title: People are taken in for a while
# description: Personal data from other domains comes in small numbers and is forgotten soon, so that a withdrawn consent counts.
# custom:
#   applies_to: [consume]
#   controls:
#     - GDPR 5(1)(e)
#     - GDPR 7(3)
#   remedy: Delete the data when it expires, and ask anew.
#   owner: stewards of marketing
package mesh.marketing.policy.imported_people

import data.mesh.global.lib.access
import data.mesh.global.lib.columns
import data.mesh.marketing.data.imports

requires contains "/parameters/download_days_max" if takes_in_people

obligations contains {"type": "limit_rows", "properties": {"max": imports.rows_max}} if takes_in_people

obligations contains {"type": "expire", "properties": {"at": time.format(end)}} if {
	takes_in_people
	end := time.add_date(time.parse_rfc3339_ns(input.now), 0, 0, input.parameters.download_days_max)
}

takes_in_people if {
	access.touches_data
	count(columns.personal) > 0
}
