/** The steps of a JSON pointer, to which slashes before it make no difference in OPA. Without a step it is empty. */
export function stepsOf(pointer: string): readonly string[] {
  if (pointer === '') return [];
  let start = 0;
  while (pointer[start] === '/') start += 1;
  return pointer
    .slice(start)
    .split('/')
    .map((step) => (step.includes('~') ? step.replaceAll('~1', '/').replaceAll('~0', '~') : step));
}
