/** A change that contradicts what is stored; its entry is refused, others are not. */
export class ChangeRefused extends Error {}
