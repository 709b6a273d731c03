/** What node:http alone can do on this machine: read a body, parse it, answer as much as a decision. */
import { createServer } from 'node:http';

const answer = JSON.stringify({
  decision: true,
  context: {
    id: '019a0000-0000-7000-8000-000000000000',
    code: 'permitted',
    reasons: [],
    obligations: [
      { type: 'mask_column', properties: { table: 'orders', column: 'email', method: 'redact' } },
    ],
    advice: [],
    revision: 1,
  },
});

const server = createServer((request, response) => {
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', () => {
    JSON.parse(Buffer.concat(chunks).toString());
    response.writeHead(200, {
      'Content-Type': 'application/json',
      'Content-Length': Buffer.byteLength(answer),
    });
    response.end(answer);
  });
});
server.listen(0, '127.0.0.1', () => {
  console.log(`serves the mesh on http://127.0.0.1:${server.address().port}. `);
});
process.once('SIGTERM', () => {
  server.closeAllConnections();
  server.close();
});
