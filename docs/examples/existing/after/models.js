import { DataTypes, Sequelize } from 'sequelize';
import { attachAudit } from 'sequelize-audit';

export const sequelize = new Sequelize({ dialect: 'sqlite', storage: 'shop.sqlite', logging: false });
export const audit = attachAudit(sequelize, { models: { Customer: { redact: ['apiToken'] } } });

export const Customer = sequelize.define('Customer', { name: DataTypes.STRING, apiToken: DataTypes.STRING });
export const Product = sequelize.define('Product', { name: DataTypes.STRING, cents: DataTypes.INTEGER });
export const Order = sequelize.define('Order', { quantity: DataTypes.INTEGER });
Order.belongsTo(Customer);
Order.belongsTo(Product);
