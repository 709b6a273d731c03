import type { RequestHandler } from 'express';

/** One route beside the decision routes. */
export interface Route {
  readonly method: 'get' | 'put' | 'post' | 'delete';
  /** As express writes it: `/v1/products/:id`. */
  readonly path: string;
  readonly answer: RequestHandler;
}
