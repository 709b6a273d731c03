package main

// native is a built-in that OPA's module brings along.
type native struct {
	// The function that computes it.
	function string
	// When the host computes it although the module could, since their answers differ from OPA's interpreter.
	host asks
}

// asks says when a native built-in leaves its answer to the host.
type asks int

const (
	// whenSilent is when the module has no result.
	whenSilent asks = iota
	// always is for what the module answers otherwise than OPA.
	always
	// forSets is when an operand is a set, whose items the module takes in the order of their hashes and OPA in their own.
	forSets
	// unlessWhole is when an operand or the result is a number other than a small integer: OPA computes those in
	// binary with 64 bits of mantissa, the module in decimal.
	unlessWhole
)

// natives are the built-ins of the module that can fail, by name; those that always have a result (comparisons,
// types, membership) have nothing to ask.
var natives = map[string]native{
	"abs":                              {function: "opa_arith_abs", host: unlessWhole},
	"and":                              {function: "opa_set_intersection"},
	"array.concat":                     {function: "opa_array_concat"},
	"array.flatten":                    {function: "opa_array_flatten"},
	"array.reverse":                    {function: "opa_array_reverse"},
	"array.slice":                      {function: "opa_array_slice"},
	"base64.decode":                    {function: "opa_base64_decode", host: always},
	"base64.encode":                    {function: "opa_base64_encode"},
	"base64.is_valid":                  {function: "opa_base64_is_valid", host: always},
	"base64url.decode":                 {function: "opa_base64_url_decode", host: always},
	"base64url.encode":                 {function: "opa_base64_url_encode"},
	"bits.and":                         {function: "opa_bits_and"},
	"bits.lsh":                         {function: "opa_bits_shiftleft", host: always},
	"bits.negate":                      {function: "opa_bits_negate"},
	"bits.or":                          {function: "opa_bits_or"},
	"bits.rsh":                         {function: "opa_bits_shiftright", host: always},
	"bits.xor":                         {function: "opa_bits_xor"},
	"ceil":                             {function: "opa_arith_ceil", host: unlessWhole},
	"concat":                           {function: "opa_strings_concat", host: forSets},
	"contains":                         {function: "opa_strings_contains"},
	"count":                            {function: "opa_agg_count"},
	"div":                              {function: "opa_arith_divide", host: unlessWhole},
	"endswith":                         {function: "opa_strings_endswith"},
	"floor":                            {function: "opa_arith_floor", host: unlessWhole},
	"format_int":                       {function: "opa_strings_format_int", host: always},
	"glob.match":                       {function: "opa_glob_match", host: always},
	"graph.reachable":                  {function: "builtin_graph_reachable"},
	"indexof":                          {function: "opa_strings_indexof", host: always},
	"intersection":                     {function: "opa_sets_intersection"},
	"json.filter":                      {function: "builtin_json_filter", host: always},
	"json.is_valid":                    {function: "opa_json_is_valid", host: always},
	"json.marshal":                     {function: "opa_json_marshal", host: always},
	"json.remove":                      {function: "builtin_json_remove", host: always},
	"json.unmarshal":                   {function: "opa_json_unmarshal", host: always},
	"lower":                            {function: "opa_strings_lower"},
	"max":                              {function: "opa_agg_max"},
	"min":                              {function: "opa_agg_min"},
	"minus":                            {function: "opa_arith_minus", host: unlessWhole},
	"mul":                              {function: "opa_arith_multiply", host: unlessWhole},
	"net.cidr_contains":                {function: "opa_cidr_contains", host: always},
	"net.cidr_intersects":              {function: "opa_cidr_intersects", host: always},
	"numbers.range":                    {function: "opa_numbers_range"},
	"object.filter":                    {function: "builtin_object_filter"},
	"object.get":                       {function: "builtin_object_get"},
	"object.keys":                      {function: "builtin_object_keys"},
	"object.remove":                    {function: "builtin_object_remove"},
	"object.union":                     {function: "builtin_object_union"},
	"object.union_n":                   {function: "builtin_object_union_n", host: always},
	"or":                               {function: "opa_set_union"},
	"plus":                             {function: "opa_arith_plus", host: unlessWhole},
	"product":                          {function: "opa_agg_product", host: always},
	"regex.find_all_string_submatch_n": {function: "opa_regex_find_all_string_submatch", host: always},
	"regex.is_valid":                   {function: "opa_regex_is_valid", host: always},
	"regex.match":                      {function: "opa_regex_match", host: always},
	"rem":                              {function: "opa_arith_rem", host: unlessWhole},
	"replace":                          {function: "opa_strings_replace", host: always},
	"round":                            {function: "opa_arith_round", host: unlessWhole},
	"sort":                             {function: "opa_agg_sort"},
	"split":                            {function: "opa_strings_split"},
	"startswith":                       {function: "opa_strings_startswith"},
	"strings.replace_n":                {function: "opa_strings_replace_n"},
	"strings.reverse":                  {function: "opa_strings_reverse"},
	"substring":                        {function: "opa_strings_substring"},
	"sum":                              {function: "opa_agg_sum", host: always},
	"to_number":                        {function: "opa_to_number", host: always},
	"trim":                             {function: "opa_strings_trim"},
	"trim_left":                        {function: "opa_strings_trim_left"},
	"trim_prefix":                      {function: "opa_strings_trim_prefix"},
	"trim_right":                       {function: "opa_strings_trim_right"},
	"trim_space":                       {function: "opa_strings_trim_space"},
	"trim_suffix":                      {function: "opa_strings_trim_suffix"},
	"union":                            {function: "opa_sets_union"},
	"upper":                            {function: "opa_strings_upper"},
}
