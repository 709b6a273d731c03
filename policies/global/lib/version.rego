# METADATA
# title: Versions
# description: Compares semantic versions.
package mesh.global.lib.version

# The major number of a semantic version.
major(version) := to_number(split(version, ".")[0])

# Whether the second version admits breaking changes after the first.
raises_major(before, after) if major(after) > major(before)
