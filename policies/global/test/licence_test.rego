package mesh.global.test.licence

import data.mesh.global.policy.licence
import data.mesh.global.test.example

test_other_data_needs_none if {
	count(licence.deny) == 0 with input as example.publish
}

test_public_without_licence if {
	example.codes(licence.deny) == {"licence_missing"} with input as public
}

test_public_with_licence if {
	custom := {"property": "licence", "value": "CC-BY-4.0"}
	licensed := json.patch(public, [{"op": "add", "path": "/product/customProperties/-", "value": custom}])
	count(licence.deny) == 0 with input as licensed
}

public := example.publish_with("/product/customProperties/-", {"property": "visibility", "value": "public"})
