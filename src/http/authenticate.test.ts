import { describe, expect, it } from 'vitest';
import { authenticate, bearerOf, InvalidToken, refuseTokenInUrl, TOKEN_CHARS_MAX } from './authenticate.js';
import { identifiedCaller } from './caller.js';
import { WitanError } from '../errors.js';

const requestWith = (...values: readonly string[]) =>
  ({
    headers: values[0] === undefined ? {} : { authorization: values[0] },
    rawHeaders: values.flatMap((value, at) => [at === 0 ? 'Authorization' : 'authorization', value]),
  }) as never;

describe('the token of a request', () => {
  it.each([
    ['Bearer witan_abc-DEF', 'witan_abc-DEF'],
    ['bearer abc', 'abc'],
    ['BEARER   a.b.c', 'a.b.c'],
    ['Bearer abc==', 'abc=='],
    [`Bearer ${'a'.repeat(TOKEN_CHARS_MAX)}`, 'a'.repeat(TOKEN_CHARS_MAX)],
  ])('is read from %.40s', (header, token) => {
    expect(bearerOf(requestWith(header))).toBe(token);
  });

  it('is none without the header', () => {
    expect(bearerOf(requestWith())).toBeUndefined();
  });

  it.each([
    [''],
    ['Bearer'],
    ['Bearer '],
    ['abc'],
    ['Basic dXNlcjpwYXNz'],
    ['Bearer a b'],
    ['Bearer a, Bearer b'],
    ['Bearer "a"'],
    ['Bearer =a'],
    ['Bearer a=b'],
    ['Bearer ä'],
    ['Bearer a\tb'],
    ['Bearer\tabc'],
    ['XBearer abc'],
    [`Bearer ${'a'.repeat(TOKEN_CHARS_MAX + 1)}`],
  ])('is refused as %.40j', (header) => {
    expect(() => bearerOf(requestWith(header))).toThrow(InvalidToken);
  });

  it('is refused when there are two, also when they are equal', () => {
    expect(() => bearerOf(requestWith('Bearer a', 'Bearer b'))).toThrow('more than one');
    expect(() => bearerOf(requestWith('Bearer a', 'Bearer a'))).toThrow('more than one');
  });

  it.each([
    ['/v1/records', false],
    ['/v1/records?subject=access_token', false],
    ['/v1/records?access_token=abc', true],
    ['/v1/records?a=b&ACCESS_TOKEN=abc', true],
    [`/v1/records?x=witan_${'a'.repeat(43)}`, true],
    [`/v1/products/witan_${'a'.repeat(43)}`, true],
    ['/v1/products/witan_product', false],
  ])('has no place in the address %s: %s', (url, refused) => {
    const read = () => {
      refuseTokenInUrl({ url });
    };
    if (refused) expect(read).toThrow(WitanError);
    else expect(read).not.toThrow();
  });
});

describe('who sends a request', () => {
  const ann = { id: 'ann', roles: ['auditor'] };
  const none = { callerOf: () => undefined };

  it('is said by the first who knows the token', async () => {
    const request = requestWith('Bearer a');
    const other = { callerOf: () => Promise.resolve({ id: 'other', roles: [] }) };
    const knowing = { callerOf: (token: string) => (token === 'a' ? ann : undefined) };
    await authenticate(request, 'a', [none, knowing, other]);
    expect(identifiedCaller(request)).toEqual(ann);
  });

  it('is refused when nobody knows the token, or who knows it says why it is not valid', async () => {
    await expect(authenticate(requestWith('Bearer a'), 'a', [none])).rejects.toThrow(InvalidToken);
    const why = new WitanError('unauthenticated', 'it ended yesterday');
    const saying = { callerOf: () => Promise.reject(why) };
    await expect(authenticate(requestWith('Bearer a'), 'a', [none, saying])).rejects.toThrow(
      new InvalidToken('it ended yesterday'),
    );
    const down = { callerOf: () => Promise.reject(new WitanError('overloaded', 'not now')) };
    await expect(authenticate(requestWith('Bearer a'), 'a', [down])).rejects.toMatchObject({
      code: 'overloaded',
    });
  });
});
