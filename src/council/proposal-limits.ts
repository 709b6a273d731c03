/** How much may be before the council, and how long what is written there may be. */
export const PROPOSAL_LIMITS = {
  /** Proposals that are on their way, in the whole mesh and of one author. */
  pending: 100,
  pendingOfAuthor: 20,
  titleChars: 200,
  /** In UTF-8. */
  descriptionBytes: 16 * 1024,
  /** Of a comment, the comment of a ballot, or a reason; in UTF-8. */
  commentBytes: 4 * 1024,
  comments: 1000,
  /** Bundles that one proposal had, and ballots that one member cast for one of them. */
  edits: 100,
  ballotsOfMember: 50,
} as const;
