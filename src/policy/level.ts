import type { Enforcement } from './manifest.js';

/**
 * How a policy binds at a moment: one that is enforced from a later moment on is advisory until then.
 *
 * @param nowMs Unix time in milliseconds
 */
export function levelAt(
  policy: { readonly enforcement: Enforcement; readonly enforced_from?: string | undefined },
  nowMs: number,
): Enforcement {
  const { enforcement, enforced_from } = policy;
  const pending = enforced_from !== undefined && nowMs < Date.parse(enforced_from);
  return pending && bindsAs(enforcement) ? 'advisory' : enforcement;
}

/** Whether what a policy of this level says decides. */
export function bindsAs(level: Enforcement): boolean {
  return level === 'hard' || level === 'soft';
}
