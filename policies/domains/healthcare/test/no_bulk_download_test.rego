package mesh.healthcare.test.no_bulk_download

import data.mesh.healthcare.policy.no_bulk_download
import data.mesh.healthcare.test.example

test_a_query if {
	count(no_bulk_download.deny) == 0 with input as example.access
}

test_a_download_of_patients if {
	denied := no_bulk_download.deny with input as example.with_value(example.access, "/action/name", "download")
	example.codes(denied) == {"bulk_download"}
}

test_a_download_of_counts if {
	counts := example.with_value(example.access, "/contracts", [])
	count(no_bulk_download.deny) == 0 with input as example.with_value(counts, "/action/name", "download")
}
