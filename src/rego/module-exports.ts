/** What OPA's modules export (ABI 1.3), with the budget that the toolchain adds. */
export interface ModuleExports {
  readonly witan_budget?: { value: number };
  builtins(): number;
  entrypoints(): number;
  eval(context: number): number;
  opa_eval_ctx_new(): number;
  opa_eval_ctx_get_result(context: number): number;
  opa_eval_ctx_set_data(context: number, data: number): void;
  opa_eval_ctx_set_entrypoint(context: number, entrypoint: number): void;
  opa_eval_ctx_set_input(context: number, input: number): void;
  opa_free(address: number): void;
  opa_heap_ptr_get(): number;
  opa_heap_ptr_set(address: number): void;
  opa_json_dump(value: number): number;
  opa_malloc(bytes: number): number;
  opa_value_add_path(value: number, path: number, member: number): number;
  opa_value_dump(value: number): number;
  opa_value_parse(address: number, bytes: number): number;
}

/** The largest that the module's counter can hold. */
export const BUDGET_MAX = 0x7fffffff;

const ALIGNMENT = 8;

/** The next address that a value may begin at. */
export function align(address: number): number {
  return (address + ALIGNMENT - 1) & ~(ALIGNMENT - 1);
}
