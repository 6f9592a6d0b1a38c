import express from 'express';
import { auditRequests } from 'sequelize-audit/express';
import { audit, Customer, Order, Product } from './models.js';

const app = express();
app.use(express.json());
// Stands for what finds out who is signed in.
app.use((request, _, next) => {
  request.user = request.get('x-user');
  next();
});
app.use(auditRequests(audit, (request) => ({ actor: request.user })));

for (const [path, Model] of Object.entries({ customers: Customer, products: Product, orders: Order })) {
  app.post(`/${path}`, async (request, response) => {
    response.status(201).json(await Model.create(request.body));
  });
  app.patch(`/${path}/:id`, async (request, response) => {
    const record = await Model.findByPk(request.params.id, { rejectOnEmpty: true });
    response.json(await record.update(request.body));
  });
}

const server = app.listen(process.env.PORT ?? 3000, () => console.log(`listening on ${server.address().port}`));
